package io.alldocs.examples.benchmarks;

import io.alldocs.cli.worker.RedisProcess;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures how fast fleets of one, two and three workers request packuments from a registry on this machine, counted at
 * the registry. Measures without limits first. Then measures one worker and three workers with the queue's default
 * limit of 20 items per second, and one packument per item.
 */
@Command(
        name = "workers",
        description = "Packuments a second of one, two and three workers, without limits and with the default ones.")
final class WorkersCommand implements Callable<Integer> {
    private static final String FREE = "no limits, requests/s";
    private static final String LIMITED = "limit of 20 starts/s, requests/s";
    private static final String IN_A_SECOND = "limit of 20 starts/s, most in 1 s";
    private static final long LOOK_EVERY_MILLIS = 5;

    @Option(names = "--names", defaultValue = "20000", description = "Packuments (default: ${DEFAULT-VALUE}).")
    private int names;

    @Option(
            names = "--seconds",
            defaultValue = "60",
            description = "Time for which the limited workers are watched (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--rounds",
            defaultValue = "1",
            description = "Rounds; the medians are printed (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--driver", defaultValue = "sqlite", description = "Storage driver (default: ${DEFAULT-VALUE}).")
    private String driver = "sqlite";

    @Mixin
    private FigureOptions options = new FigureOptions();

    private final Figures figures = new Figures();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(options.workDir()).toAbsolutePath();
        try (RedisProcess redis = RedisBinary.start(folder.resolve("redis"))) {
            for (int round = 1; round <= rounds; round++) {
                for (int workers = 1; workers <= 3; workers++) {
                    free(workers, redis, Files.createDirectory(folder.resolve("free-" + round + "-" + workers)));
                }
                for (int workers : new int[] {1, 3}) {
                    limited(workers, redis, Files.createDirectory(folder.resolve("limited-" + round + "-" + workers)));
                }
            }
        }
        figures.compare(FREE, name(3), name(1), 0);
        figures.compare(LIMITED, name(3), name(1), 0);
        options.print(figures);
        return 0;
    }

    private static String name(int workers) {
        return workers == 1 ? "1 worker" : workers + " workers";
    }

    /** Measures from the first request to the last. */
    private void free(int workers, RedisProcess redis, Path folder) throws IOException, InterruptedException {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(names)
                        .mixedStates(false)
                        .start();
                RunningFleet fleet = start(workers, registry, redis, folder, Map.of("QUEUE_INTERVAL_CAP", "0"), 100)) {
            if (!fleet.report().complete()) {
                throw new IOException("The fleet in " + folder + " is not complete.");
            }
            Duration[] starts = registry.requests().starts();
            figures.add(FREE, name(workers), starts.length / seconds(starts[starts.length - 1]));
        }
    }

    /** Measures from the first packument on. */
    private void limited(int workers, RedisProcess redis, Path folder) throws IOException, InterruptedException {
        int enough = 2 * 20 * (seconds + 10);
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(enough)
                        .mixedStates(false)
                        .start();
                RunningFleet fleet = start(workers, registry, redis, folder, Map.of(), 1)) {
            while (registry.requests().count(Endpoint.PACKUMENT) == 0) {
                if (fleet.awaitEnd(LOOK_EVERY_MILLIS)) {
                    throw new IOException("The fleet in " + folder + " ended too early.");
                }
            }
            registry.requests().reset();
            long start = System.nanoTime();
            TimeUnit.SECONDS.sleep(seconds);
            double watched = (System.nanoTime() - start) / 1e9;
            figures.add(LIMITED, name(workers), registry.requests().count(Endpoint.PACKUMENT) / watched);
            figures.add(IN_A_SECOND, name(workers), registry.requests().mostWithin(Duration.ofSeconds(1)));
        }
    }

    private RunningFleet start(
            int workers,
            EmbeddedRegistry registry,
            RedisProcess redis,
            Path folder,
            Map<String, String> limits,
            int batch) {
        Map<String, String> cache = Map.of(
                "STORAGE_DRIVER", driver,
                "CACHE_DIR", folder.toString(),
                "QUEUE_NAME", folder.getFileName().toString());
        List<String> plan = List.of("--batch=" + batch, "--target-rows=2000");
        return RunningFleet.start(workers, registry, redis, cache, limits, plan, folder, options.err()::println);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
