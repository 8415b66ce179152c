package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cli.worker.FleetReport;
import io.alldocs.cli.worker.RedisProcess;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Faults;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Runs a fleet whose machines fail. Workers are killed at random and restarted, and Redis is killed and restarted once.
 * The registry responds with 503 to one request in twenty. Three times, for one second each, it responds with 429 and
 * {@code Retry-After: 1} to all requests. The command then compares the cache with the origin. It also compares the
 * number of repeated requests with the number of requests in flight at the kills.
 */
@Command(
        name = "fleet-chaos",
        description = "A fleet on Redis and S3 whose workers and Redis are killed, compared with the origin.")
final class FleetChaosCommand implements Callable<Integer> {
    /** Concurrent packument requests per item: the default of {@code PACKUMENT_CONCURRENCY}. */
    static final int PACKUMENTS_AT_A_TIME = 4;

    private static final String UNAVAILABLE = "packument.503";

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

    @Option(names = "--kills", defaultValue = "20", description = "Kills of workers (default: ${DEFAULT-VALUE}).")
    private int kills;

    @Option(
            names = "--churn",
            paramLabel = "N",
            defaultValue = "0",
            description = "Changes of the registry a second, until nine tenths of the names were requested (default:"
                    + " ${DEFAULT-VALUE}).")
    private double churn;

    @Option(names = "--flush", description = "Delete everything in Redis once (FLUSHALL), in the middle.")
    private boolean flush;

    @Option(
            names = "--lease",
            paramLabel = "MS",
            defaultValue = "30000",
            description = "Time after which another worker takes over a dead worker's items (default:"
                    + " ${DEFAULT-VALUE}).")
    private int leaseMillis;

    @Option(
            names = "--driver",
            defaultValue = "s3",
            description = "Storage of the cache: s3 (a server that the command starts), sqlite or filesystem (default:"
                    + " ${DEFAULT-VALUE}).")
    private String driver = "s3";

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of the random moments (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--work-dir", required = true, description = "A new folder for all files; it is not deleted.")
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
            Misfortunes misfortunes = new Misfortunes(registry, redis, fleet, names, kills, flush, seed, err);
            misfortunes.untilDone();
            FleetReport report = fleet.report();
            double seconds = (System.nanoTime() - start) / 1e9;
            long unavailable = registry.faults().hits(UNAVAILABLE);
            long tooMany = registry.faults().hits(Misfortunes.TOO_MANY);
            long repeated = registry.repeatedRequests();
            registry.faults().clear();
            return new Outcome(
                    report,
                    seconds,
                    misfortunes.toString(),
                    unavailable,
                    tooMany,
                    repeated,
                    (long) misfortunes.killed() * concurrency * PACKUMENTS_AT_A_TIME,
                    LeaseLosses.packuments(folder.resolve("logs")),
                    Comparison.of(registry, cache),
                    FreshCopy.of(registry, cache, folder.resolve("fresh")));
        }
    }

    /**
     * The outcome of a run.
     *
     * @param repeated requests for a packument, without the first one, one for each 429 or 503 response, and one for
     *     each change of the name
     * @param underWay packuments in flight in the killed processes
     * @param unprotected packuments that a worker stored after it lost the lease of their item. This worker requests
     *     each packument again, and so may the worker that now has the item
     */
    private record Outcome(
            FleetReport report,
            double seconds,
            String misfortunes,
            long unavailable,
            long tooMany,
            long repeated,
            long underWay,
            long unprotected,
            Comparison comparison,
            FreshCopy fresh) {

        long most() {
            return underWay + 2 * unprotected;
        }

        boolean held() {
            return report.complete() && report.dead() == 0 && comparison.equal() && fresh.equal() && repeated <= most();
        }

        ObjectNode toJson() {
            ObjectNode all = JsonNodeFactory.instance.objectNode().put("held", held());
            all.put("names", comparison.names()).put("seconds", seconds);
            all.put("misfortunes", misfortunes);
            all.put("answers503", unavailable).put("answers429", tooMany);
            all.put("repeated", repeated).put("repeatedAtMost", most());
            all.put("underWay", underWay).put("storedWithoutLease", unprotected);
            all.put("lost", comparison.lost()).put("wrong", comparison.wrong()).put("valid", !comparison.invalid());
            all.put("differences", fresh.differences()).put("reportedComplete", fresh.reported());
            all.set("fleet", report.toJson());
            return all;
        }

        String toText() {
            return String.format(
                    "fleet: %s, %s, 503 %d times, 429 %d times, %d packuments requested again of at most %d (%d in"
                            + " flight, %d stored without a lease), %d names, %d lost, %d wrong, %s, %s, %.0f s%n%s",
                    held() ? "passed" : "FAILED",
                    misfortunes,
                    unavailable,
                    tooMany,
                    repeated,
                    most(),
                    underWay,
                    unprotected,
                    comparison.names(),
                    comparison.lost(),
                    comparison.wrong(),
                    comparison.invalid() ? "INVALID" : "valid",
                    fresh,
                    seconds,
                    report.toText());
        }
    }
}
