package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cli.worker.FleetMember;
import io.alldocs.cli.worker.FleetReport;
import io.alldocs.cli.worker.RedisProcess;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.sync.JobProgress;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.redis.RedisWorkQueue;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Runs a fleet that follows a changing registry. The feed is reset halfway, and workers are killed before and after the
 * reset. When the changes end, the lag must return to zero. Then the command disables following, and the job must end
 * as complete. Finally, the command compares the cache with the origin.
 */
@Command(
        name = "fleet-follow",
        description = "A fleet that follows changes while workers are killed and the feed is reset, compared with the"
                + " origin.")
final class FleetFollowCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int WORKERS = 3;
    private static final int BATCH = 1_000;
    private static final int LEASE_MILLIS = 4_000;
    private static final String SET = "follow";

    @Option(names = "--seconds", defaultValue = "60", description = "Time of changes (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--changes", defaultValue = "100", description = "Changes a second (default: ${DEFAULT-VALUE}).")
    private double changes;

    @Option(
            names = "--names",
            defaultValue = "5000",
            description = "Names at the beginning (default: ${DEFAULT-VALUE}).")
    private int names;

    @Option(
            names = "--kills",
            defaultValue = "2",
            description = "Kills of workers, at equal intervals (default: ${DEFAULT-VALUE}).")
    private int kills;

    @Option(
            names = "--stop",
            description = "Also stop one worker after the other for longer than its leases (SIGSTOP, SIGCONT).")
    private boolean stop;

    @Option(names = "--driver", defaultValue = "sqlite", description = "Storage driver (default: ${DEFAULT-VALUE}).")
    private String driver = "sqlite";

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of the choice of workers to kill (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--work-dir", required = true, description = "A new folder for all files; it is not deleted.")
    private Path workDir = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private long mostBehind;
    private int killed;
    private int stopped;
    private long stoppedPid;
    private long stopTurnsAt;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(workDir).toAbsolutePath();
        Map<String, String> place = Map.of(
                "STORAGE_DRIVER", driver, "CACHE_DIR", folder.resolve("cache").toString());
        try (RedisProcess redis = RedisBinary.start(folder.resolve("redis"));
                EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(names).start();
                RunningFleet fleet = RunningFleet.start(
                        WORKERS,
                        registry,
                        redis,
                        place,
                        Map.of("QUEUE_INTERVAL_CAP", "0", "QUEUE_LEASE_MS", Integer.toString(LEASE_MILLIS)),
                        List.of("--set=" + SET, "--follow", "--batch=" + BATCH, "--target-rows=500"),
                        folder.resolve("logs"),
                        line -> {})) {
            double caughtUp;
            try (Cache cache = Cache.builder().env(Env.of(place)).build()) {
                caughtUp = follow(
                        registry,
                        fleet,
                        new JobProgress.Reader(cache, job(registry).id(), BATCH));
            }
            stopFollowing(redis);
            awaitEnd(fleet);
            FleetReport report = fleet.report();
            Comparison comparison = Comparison.of(registry, place);
            FreshCopy fresh = FreshCopy.of(registry, place, folder.resolve("fresh"));
            boolean held =
                    report.complete() && report.dead() == 0 && comparison.equal() && fresh.equal() && killed == kills;
            report(held, caughtUp, comparison, fresh, report);
            return held ? 0 : 1;
        }
    }

    private static SyncJob job(EmbeddedRegistry registry) {
        return SyncJob.builder()
                .origin(registry.origin())
                .registry(registry.origin())
                .form(SyncForm.FULL)
                .build();
    }

    /** @return seconds from the last change until the lag was zero */
    private double follow(EmbeddedRegistry registry, RunningFleet fleet, JobProgress.Reader job)
            throws IOException, InterruptedException {
        await(fleet, job, registry, progress -> progress.finished() != null);
        registry.churn(changes);
        Random random = new Random(seed);
        for (int part = 0; part <= kills; part++) {
            boolean isMiddle = part == (kills + 1) / 2;
            watch(fleet, registry, job, seconds / (double) (kills + 1) / (isMiddle ? 2 : 1));
            if (isMiddle) {
                registry.resetSequence();
                watch(fleet, registry, job, seconds / (double) (kills + 1) / 2);
            }
            if (part < kills) {
                kill(fleet, random);
            }
        }
        registry.churn(0);
        goOn();
        long ended = System.nanoTime();
        await(fleet, job, registry, progress -> isCurrent(progress, registry));
        return (System.nanoTime() - ended) / 1e9;
    }

    private void kill(RunningFleet fleet, Random random) throws InterruptedException {
        FleetMember victim = fleet.members().get(random.nextInt(WORKERS));
        while (!victim.hasWorked()) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        victim.kill();
        killed++;
    }

    /**
     * Returns whether the job has reached the end of the feed and has no pending names. A higher sequence from before a
     * reset does not count as the end.
     */
    private static boolean isCurrent(JobProgress progress, EmbeddedRegistry registry) {
        return progress.retries() == 0 && behind(progress, registry) == 0;
    }

    private static long behind(JobProgress progress, EmbeddedRegistry registry) {
        return progress.position() == null
                ? registry.updateSeq()
                : Math.abs(registry.updateSeq() - progress.position().toJson().asLong());
    }

    /** Suspends one worker for longer than a lease, then the next worker. */
    private void stopInTurn(RunningFleet fleet) throws IOException, InterruptedException {
        if (System.nanoTime() < stopTurnsAt) {
            return;
        }
        goOn();
        OptionalLong pid = fleet.members().get(stopped % WORKERS).pid();
        if (pid.isPresent()) {
            signal("STOP", pid.getAsLong());
            stoppedPid = pid.getAsLong();
            stopped++;
        }
        stopTurnsAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LEASE_MILLIS * 3 / 2);
    }

    private void goOn() throws IOException, InterruptedException {
        if (stoppedPid != 0) {
            signal("CONT", stoppedPid);
            stoppedPid = 0;
        }
    }

    /** Uses the shell's built-in kill, because a system without procps has no kill program. */
    private static void signal(String name, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid).start().waitFor();
    }

    private void watch(RunningFleet fleet, EmbeddedRegistry registry, JobProgress.Reader job, double length)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + (long) (length * 1e9);
        while (System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(250);
            if (stop) {
                stopInTurn(fleet);
            }
            job.read().ifPresent(progress -> mostBehind = Math.max(mostBehind, behind(progress, registry)));
        }
    }

    private interface Condition {
        boolean holds(JobProgress progress);
    }

    private static void await(
            RunningFleet fleet, JobProgress.Reader job, EmbeddedRegistry registry, Condition condition)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (job.read().filter(condition::holds).isEmpty()) {
            if (System.nanoTime() > deadline || fleet.awaitEnd(100)) {
                throw new IOException("The fleet did not reach the end of the feed: " + job.read() + ", origin at "
                        + registry.updateSeq());
            }
        }
    }

    private static void stopFollowing(RedisProcess redis) {
        try (RedisWorkQueue queue = RedisWorkQueue.builder(redis.url()).build()) {
            queue.enqueue(WorkItem.of(
                    "partition-set",
                    "partition-set:" + SET,
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("set", SET)
                            .put("packuments", true)
                            .put("follow", false)));
        }
    }

    private static void awaitEnd(RunningFleet fleet) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!fleet.awaitEnd(100)) {
            if (System.nanoTime() > deadline) {
                throw new IOException("The fleet continues to follow, although following was turned off.");
            }
        }
    }

    private void report(boolean held, double caughtUp, Comparison comparison, FreshCopy fresh, FleetReport report) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "fleet-follow: %s, %.0f changes a second for %d s, 1 reset, %d workers killed, %d stopped; most"
                        + " behind %d sequences; current %.1f s after the last change; %d names, %d lost, %d wrong,"
                        + " %s, %s%n%s%n",
                held ? "passed" : "FAILED",
                changes,
                seconds,
                killed,
                stopped,
                mostBehind,
                caughtUp,
                comparison.names(),
                comparison.lost(),
                comparison.wrong(),
                comparison.invalid() ? "INVALID" : "valid",
                fresh,
                report.toText());
        out.flush();
    }
}
