package io.alldocs.examples.benchmarks;

import io.alldocs.cli.ExitCode;
import io.alldocs.cli.worker.FleetMember;
import io.alldocs.cli.worker.RedisProcess;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Moves one job from a process to a fleet, and another from a fleet to a process. The first executor is killed
 * ({@code kill -9}) in the middle of the job, and the executor that takes over is killed once too. Stored packuments
 * must not be requested again.
 */
@Command(
        name = "fleet-handover",
        description = "Moves a job to a fleet and back, kills all processes, and compares the cache with the origin.")
final class FleetHandoverCommand implements Callable<Integer> {
    private static final int WORKERS = 3;
    private static final int ITEMS = 4;
    private static final int BOOTSTRAP_CONCURRENCY = 16;

    /** This time is longer than the claim of a fleet lasts after its workers have ended. */
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @Option(names = "--names", defaultValue = "5000", description = "Packuments (default: ${DEFAULT-VALUE}).")
    private int names;

    @Option(names = "--driver", defaultValue = "sqlite", description = "Storage driver (default: ${DEFAULT-VALUE}).")
    private String driver = "sqlite";

    @Option(
            names = "--one-way",
            description =
                    "Only from one process to a fleet: the reverse takes a minute, until the claim of a killed fleet"
                            + " expires.")
    private boolean oneWay;

    @Option(names = "--work-dir", required = true, description = "A new folder for all files; it is not deleted.")
    private Path workDir = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(workDir).toAbsolutePath();
        boolean held = toFleet(Files.createDirectories(folder.resolve("to-fleet")));
        if (!oneWay) {
            held &= toOneProcess(Files.createDirectories(folder.resolve("to-one-process")));
        }
        spec.commandLine().getOut().flush();
        return held ? 0 : 1;
    }

    private boolean toFleet(Path folder) throws IOException, InterruptedException {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(names).start();
                RedisProcess redis = RedisBinary.start(folder.resolve("redis"))) {
            int started = bootstrapKilledAt(registry, folder, 2.0 / 5);
            try (RunningFleet fleet = fleet(registry, redis, folder)) {
                awaitAsked(fleet, registry, 3.0 / 5);
                FleetMember victim = fleet.members().get(0);
                boolean ended = false;
                while (!ended && !victim.hasWorked()) {
                    ended = fleet.awaitEnd(5);
                }
                victim.kill();
                return report(
                        "one process to a fleet", fleet.report().complete(), started + inFleet(1), registry, folder);
            }
        }
    }

    private boolean toOneProcess(Path folder) throws IOException, InterruptedException {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(names).start();
                RedisProcess redis = RedisBinary.start(folder.resolve("redis"))) {
            try (RunningFleet fleet = fleet(registry, redis, folder)) {
                awaitAsked(fleet, registry, 2.0 / 5);
                fleet.kill();
            }
            long refused = awaitClaim(registry, folder);
            int started = bootstrapKilledAt(registry, folder, 3.0 / 5);
            int code = bootstrap(registry, folder);
            spec.commandLine()
                    .getErr()
                    .printf("one process was refused %d times, until the fleet's claim had expired%n", refused);
            return report(
                    "a fleet to one process",
                    code == ExitCode.COMPLETE && refused > 0,
                    started + inFleet(WORKERS),
                    registry,
                    folder);
        }
    }

    private static int inFleet(int workers) {
        return workers * ITEMS * FleetChaosCommand.PACKUMENTS_AT_A_TIME;
    }

    private RunningFleet fleet(EmbeddedRegistry registry, RedisProcess redis, Path folder) {
        return RunningFleet.start(
                WORKERS,
                registry,
                redis,
                cache(folder),
                Map.of(
                        "QUEUE_INTERVAL_CAP", "0",
                        "QUEUE_LEASE_MS", "3000",
                        "WORKER_CONCURRENCY", Integer.toString(ITEMS)),
                List.of("--batch=100", "--target-rows=500"),
                folder.resolve("logs"),
                line -> {});
    }

    private Map<String, String> cache(Path folder) {
        return Map.of(
                "STORAGE_DRIVER", driver, "CACHE_DIR", folder.resolve("cache").toString());
    }

    private static void awaitAsked(RunningFleet fleet, EmbeddedRegistry registry, double share)
            throws IOException, InterruptedException {
        while (registry.requests().namesAskedAtLeast(1) < registry.names().size() * share) {
            if (fleet.awaitEnd(2)) {
                throw new IOException(
                        "The fleet ended too early: " + fleet.report().toText());
            }
        }
    }

    private BootstrapProcess start(EmbeddedRegistry registry, Path folder) throws IOException {
        return BootstrapProcess.start(registry.origin(), folder, driver, BOOTSTRAP_CONCURRENCY);
    }

    /** @return how many requests may have been in flight */
    private int bootstrapKilledAt(EmbeddedRegistry registry, Path folder, double share)
            throws IOException, InterruptedException {
        try (BootstrapProcess run = start(registry, folder)) {
            while (registry.requests().namesAskedAtLeast(1) < registry.names().size() * share) {
                if (run.awaitExit(1, TimeUnit.MILLISECONDS).isPresent()) {
                    throw new IOException("The bootstrap ended too early: " + run.errors());
                }
            }
            run.kill();
            return BOOTSTRAP_CONCURRENCY;
        }
    }

    private int bootstrap(EmbeddedRegistry registry, Path folder) throws IOException, InterruptedException {
        try (BootstrapProcess run = start(registry, folder)) {
            return run.awaitExit(PATIENCE.toSeconds(), TimeUnit.SECONDS).orElse(-1);
        }
    }

    /**
     * Starts runs while the fleet's claim lasts, which are refused. Kills the first run that is accepted. Returns the
     * number of refused runs.
     */
    private long awaitClaim(EmbeddedRegistry registry, Path folder) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long before = registry.requests().total();
        for (long refused = 0; ; refused++) {
            try (BootstrapProcess run = start(registry, folder)) {
                while (run.awaitExit(1, TimeUnit.MILLISECONDS).isEmpty()) {
                    if (registry.requests().total() > before) {
                        run.kill();
                        return refused;
                    }
                }
                if (!run.errors().contains("the workers of the queue") || System.nanoTime() > deadline) {
                    throw new IOException("Not refused because of the fleet's claim: " + run.errors());
                }
            }
            TimeUnit.SECONDS.sleep(2);
        }
    }

    private boolean report(String what, boolean complete, int most, EmbeddedRegistry registry, Path folder)
            throws IOException {
        long repeated = registry.repeatedRequests();
        Comparison comparison = Comparison.of(registry, cache(folder));
        FreshCopy fresh = FreshCopy.of(registry, cache(folder), folder.resolve("fresh"));
        boolean held = complete && comparison.equal() && fresh.equal() && repeated <= most;
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "fleet-handover, %s: %s, %d packuments requested again of at most %d, %d names, %d lost, %d wrong,"
                        + " %s, %s%n",
                what,
                held ? "passed" : "FAILED",
                repeated,
                most,
                comparison.names(),
                comparison.lost(),
                comparison.wrong(),
                comparison.invalid() ? "INVALID" : "valid",
                fresh);
        return held;
    }
}
