package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cli.worker.FleetMember;
import io.alldocs.cli.worker.FleetReport;
import io.alldocs.cli.worker.RedisProcess;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Faults;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * A fleet whose machines fail: workers are killed at random and started again, Redis is killed once and started again, the registry answers 503 to one request in
 * twenty, and three times for a second 429 with {@code Retry-After: 1} to all. Then the cache is compared with the origin, and what was asked twice with what was under way when somebody died.
 */
@Command(
        name = "fleet-chaos",
        description = "A fleet on Redis and S3 whose workers and Redis are killed, compared with the origin.")
final class FleetChaosCommand implements Callable<Integer> {
    private static final int BURSTS = 3;
    private static final long BURST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LOOK_EVERY_MILLIS = 20;

    /** Of one item: the default of {@code PACKUMENT_CONCURRENCY}. */
    private static final int PACKUMENTS_AT_A_TIME = 4;

    private static final String UNAVAILABLE = "packument.503";
    private static final String TOO_MANY = "packument.429";

    @Option(names = "--names", defaultValue = "100000", description = "Packuments (default: ${DEFAULT-VALUE}).")
    private int names;

    @Option(names = "--workers", defaultValue = "3", description = "Processes (default: ${DEFAULT-VALUE}).")
    private int workers;

    @Option(
            names = "--concurrency",
            defaultValue = "10",
            description = "Items at the same time in each (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Option(names = "--batch", defaultValue = "100", description = "Packuments in an item (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--target-rows",
            defaultValue = "10000",
            description = "Names in a partition (default: ${DEFAULT-VALUE}).")
    private int targetRows;

    @Option(names = "--kills", defaultValue = "20", description = "Of workers (default: ${DEFAULT-VALUE}).")
    private int kills;

    @Option(
            names = "--churn",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Changes of the registry a second, until nine tenths of the names were asked for (default: ${DEFAULT-VALUE}).")
    private double churn;

    @Option(
            names = "--lease",
            paramLabel = "MS",
            defaultValue = "30000",
            description = "After which a dead worker's items are another's (default: ${DEFAULT-VALUE}).")
    private int leaseMillis;

    @Option(
            names = "--driver",
            defaultValue = "s3",
            description =
                    "Where the cache is: s3 (a server of its own), sqlite or filesystem (default: ${DEFAULT-VALUE}).")
    private String driver = "s3";

    @Option(names = "--seed", defaultValue = "1", description = "Of the random moments (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--work-dir", required = true, description = "A new folder for all that is made; not deleted.")
    private Path workDir = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(workDir).toAbsolutePath();
        try (S3Process s3 = driver.equals("s3") ? S3Process.start(folder) : null;
                RedisProcess redis = RedisBinary.start(folder.resolve("redis"));
                EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(names).seed(seed).start()) {
            Outcome outcome = torment(registry, redis, cache(s3, folder), folder);
            PrintWriter out = spec.commandLine().getOut();
            out.println(json ? outcome.toJson().toPrettyString() : outcome.toText());
            out.flush();
            return outcome.held() ? 0 : 1;
        }
    }

    private Map<String, String> cache(@Nullable S3Process s3, Path folder) {
        return s3 != null
                ? s3.environment()
                : Map.of(
                        "STORAGE_DRIVER",
                        driver,
                        "CACHE_DIR",
                        folder.resolve("cache").toString());
    }

    private Outcome torment(EmbeddedRegistry registry, RedisProcess redis, Map<String, String> cache, Path folder)
            throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        registry.faults().set(Faults.parse(UNAVAILABLE + "=0.05"));
        long sequence = registry.updateSeq();
        registry.churn(churn);
        long start = System.nanoTime();
        try (RunningFleet fleet = RunningFleet.start(
                workers,
                registry,
                redis,
                cache,
                Map.of(
                        "QUEUE_INTERVAL_CAP", "0",
                        "QUEUE_LEASE_MS", Integer.toString(leaseMillis),
                        "WORKER_CONCURRENCY", Integer.toString(concurrency)),
                List.of("--set=chaos", "--batch=" + batch, "--target-rows=" + targetRows),
                folder.resolve("logs"),
                err::println)) {
            Misfortunes misfortunes = new Misfortunes(registry, redis, fleet, err);
            misfortunes.untilDone();
            FleetReport report = fleet.report();
            double seconds = (System.nanoTime() - start) / 1e9;
            long asked = registry.requests().count(Endpoint.PACKUMENT);
            long unavailable = registry.faults().hits(UNAVAILABLE);
            long tooMany = registry.faults().hits(TOO_MANY);
            registry.faults().clear();
            return new Outcome(
                    report,
                    seconds,
                    misfortunes.killed,
                    misfortunes.redisRestarts,
                    misfortunes.bursts,
                    unavailable,
                    tooMany,
                    asked - registry.requests().namesAskedAtLeast(1) - unavailable - tooMany,
                    (long) misfortunes.killed * concurrency * PACKUMENTS_AT_A_TIME + registry.updateSeq() - sequence,
                    Comparison.of(registry, cache));
        }
    }

    /** What happens, by how much of the work is done: kills at random, bursts and the restart of Redis in its midst. */
    private final class Misfortunes {
        private final EmbeddedRegistry registry;
        private final RedisProcess redis;
        private final RunningFleet fleet;
        private final PrintWriter err;
        private final Random random = new Random(seed);
        private int killed;
        private int redisRestarts;
        private int bursts;
        private long burstAt = System.nanoTime();
        private long nextKill;

        Misfortunes(EmbeddedRegistry registry, RedisProcess redis, RunningFleet fleet, PrintWriter err) {
            this.registry = registry;
            this.redis = redis;
            this.fleet = fleet;
            this.err = err;
            this.nextKill = gap();
        }

        /** On average as long as leaves room for all kills in nine tenths of the work. */
        private long gap() {
            return 1L + random.nextInt(Math.max(1, names / Math.max(1, kills) * 9 / 5));
        }

        void untilDone() throws IOException, InterruptedException {
            while (!fleet.awaitEnd(LOOK_EVERY_MILLIS)) {
                long asked = registry.requests().namesAskedAtLeast(1);
                if (bursts < BURSTS && asked > (long) names * (bursts + 1) / (BURSTS + 1)) {
                    bursts++;
                    burstAt = System.nanoTime();
                    registry.faults().set(Faults.parse(TOO_MANY + "=1," + TOO_MANY + "-retry-after=1"));
                    tell("burst of 429", asked);
                }
                if (System.nanoTime() - burstAt >= BURST_NANOS) {
                    registry.faults().clear(TOO_MANY);
                }
                if (asked >= (long) names * 9 / 10) {
                    registry.churn(0);
                }
                if (redisRestarts == 0 && asked > (long) names * 2 / 5) {
                    redisRestarts++;
                    redis.crashAndRestart();
                    tell("Redis killed, and started again", asked);
                }
                if (killed < kills && asked >= nextKill) {
                    killOne(asked);
                }
            }
        }

        private void killOne(long asked) {
            FleetMember victim = fleet.members().get(random.nextInt(workers));
            if (victim.hasWorked()) {
                victim.kill();
                killed++;
                nextKill = asked + gap();
                tell("worker killed", asked);
            }
        }

        private void tell(String what, long asked) {
            err.printf("%s, after %,d names%n", what, asked);
            err.flush();
        }
    }

    /** @param most names that were under way in what was killed, and changes of the registry */
    private record Outcome(
            FleetReport report,
            double seconds,
            int killed,
            int redisRestarts,
            int bursts,
            long unavailable,
            long tooMany,
            long repeated,
            long most,
            Comparison comparison) {

        boolean held() {
            return report.complete() && report.dead() == 0 && comparison.equal() && repeated <= most;
        }

        ObjectNode toJson() {
            ObjectNode all = JsonNodeFactory.instance.objectNode().put("held", held());
            all.put("names", comparison.names()).put("seconds", seconds);
            all.put("workersKilled", killed).put("redisRestarts", redisRestarts).put("bursts", bursts);
            all.put("answers503", unavailable).put("answers429", tooMany);
            all.put("repeated", repeated).put("repeatedAtMost", most);
            all.put("lost", comparison.lost()).put("wrong", comparison.wrong()).put("valid", !comparison.invalid());
            all.set("fleet", report.toJson());
            return all;
        }

        String toText() {
            return String.format(
                    "fleet: %s, %d workers killed, Redis restarted %d times, %d bursts, 503 %d times, 429 %d times,"
                            + " %d names asked again of at most %d, %d names, %d lost, %d wrong, %s, %.0f s%n%s",
                    held() ? "held" : "DID NOT HOLD",
                    killed,
                    redisRestarts,
                    bursts,
                    unavailable,
                    tooMany,
                    repeated,
                    most,
                    comparison.names(),
                    comparison.lost(),
                    comparison.wrong(),
                    comparison.invalid() ? "INVALID" : "valid",
                    seconds,
                    report.toText());
        }
    }
}
