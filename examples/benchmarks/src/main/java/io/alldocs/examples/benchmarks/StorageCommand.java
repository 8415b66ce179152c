package io.alldocs.examples.benchmarks;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Writes, lists, reads and verifies entries of random bytes in each driver. In each round, the drivers run one after
 * another. Compares the times with {@code sha256sum} over the bodies of the filesystem driver. Sizes are distributed
 * like those of real packuments: half below 2 KB compressed, a tenth above 20 KB, 9 KB on average.
 */
@Command(
        name = "storage",
        description = "Writes, lists, reads and verifies entries in each storage driver, and prints ratios.")
final class StorageCommand implements Callable<Integer> {
    private static final URI ORIGIN = URI.create("https://registry.npmjs.com");
    private static final String VERIFY = "verify, MB/s";
    private static final String SHA256SUM = "sha256sum";
    private static final double MEDIAN_BYTES = 2_000;
    private static final double SPREAD = 1.7;
    private static final int LARGEST = 1 << 20;

    @Option(names = "--entries", defaultValue = "120000", description = "Entries (default: ${DEFAULT-VALUE}).")
    private int entries;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Rounds; the medians are printed (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--drivers",
            split = ",",
            defaultValue = "filesystem,sqlite",
            description = "Storage drivers (default: ${DEFAULT-VALUE}).")
    private List<String> drivers = List.of();

    @Mixin
    private FigureOptions options = new FigureOptions();

    private final Figures figures = new Figures();

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (int round = 1; round <= rounds; round++) {
            for (String driver : drivers) {
                Path folder = Files.createDirectories(
                                options.workDir().resolve("round-" + round).resolve(driver))
                        .toAbsolutePath();
                measure(driver, folder);
            }
            options.roundEnded(round, rounds);
        }
        for (String figure : List.of("put, 1 thread, entries/s", "put, 8 threads, entries/s")) {
            figures.compare(figure, "sqlite", "filesystem", 1);
        }
        figures.compare("list, keys/s", "sqlite", "filesystem", 5);
        figures.compare("read, entries/s", "sqlite", "filesystem", 0);
        figures.compare(VERIFY, "filesystem", SHA256SUM, 0.8);
        figures.compare(VERIFY, "filesystem", SHA256SUM + " -P2", 0);
        options.print(figures);
        return 0;
    }

    private void measure(String name, Path folder) throws IOException, InterruptedException {
        Env env = Env.of(Map.of("STORAGE_DRIVER", name, "CACHE_DIR", folder.toString()));
        int alone = entries / 8;
        try (StorageDriver driver = StorageDrivers.create(env)) {
            write(driver, name, "put, 1 thread, entries/s", 1, 0, alone);
            write(driver, name, "put, 8 threads, entries/s", 8, alone, entries);
            list(driver, name);
            read(driver, name);
        }
        long bytes = verify(env, name);
        size(name, folder, bytes);
        if (name.equals("filesystem")) {
            Path bodies = folder.resolve("content-v2");
            figures.add(VERIFY, SHA256SUM, sha256sum(bodies, 1, bytes));
            figures.add(VERIFY, SHA256SUM + " -P2", sha256sum(bodies, 2, bytes));
        }
    }

    private void write(StorageDriver driver, String name, String figure, int threads, int from, int to)
            throws InterruptedException {
        long start = System.nanoTime();
        int done = Parallel.run(threads, to - from, index -> put(driver, from + index));
        figures.add(figure, name, done / seconds(start));
    }

    private static void put(StorageDriver driver, int number) {
        byte[] bytes = body(number);
        EntryMetadata head = EntryMetadata.builder()
                .status(200)
                .url(ORIGIN)
                .body(null, bytes.length, "sha256-" + Base64.getEncoder().encodeToString(sha256(bytes)))
                .storedAt(Instant.EPOCH)
                .validatedAt(Instant.EPOCH)
                .build();
        driver.put(key(number), head, Body.of(bytes));
    }

    private static String key(int number) {
        return CacheKey.packument(ORIGIN, "package-" + number).toString();
    }

    private static byte[] body(int number) {
        Random random = new Random(number);
        byte[] bytes = new byte[(int) Math.min(LARGEST, 100 + MEDIAN_BYTES * Math.exp(SPREAD * random.nextGaussian()))];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JVM has it
        }
    }

    private void list(StorageDriver driver, String name) {
        long start = System.nanoTime();
        long keys;
        try (Stream<String> all = driver.list("", null)) {
            keys = all.count();
        }
        require(keys, "listed");
        figures.add("list, keys/s", name, keys / seconds(start));
    }

    private void read(StorageDriver driver, String name) throws InterruptedException {
        long start = System.nanoTime();
        int done = Parallel.run(Runtime.getRuntime().availableProcessors(), entries, index -> {
            try (Body body = driver.get(key(index)).orElseThrow().body()) {
                body.toByteArray();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        figures.add("read, entries/s", name, done / seconds(start));
    }

    /** Verifies the store and returns the total size of all bodies, in bytes. */
    private long verify(Env env, String name) {
        try (Cache cache = Cache.builder().env(env).build()) {
            long start = System.nanoTime();
            VerifyReport report = cache.verify(VerifyOptions.dryRun());
            double seconds = seconds(start);
            require(report.verifiedContent(), "verified");
            figures.add(VERIFY, name, report.keptSizeBytes() / 1e6 / seconds);
            return report.keptSizeBytes();
        }
    }

    private static double sha256sum(Path bodies, int processes, long bytes) throws IOException, InterruptedException {
        long start = System.nanoTime();
        run(
                "sh",
                "-c",
                "find '" + bodies + "' -type f -print0 | xargs -0 -n 1000 -P " + processes + " sha256sum > /dev/null");
        return bytes / 1e6 / seconds(start);
    }

    private void size(String name, Path folder, long bytes) throws IOException, InterruptedException {
        double kilobytes =
                Double.parseDouble(run("du", "-sk", folder.toString()).split("\\s", 2)[0]);
        figures.add("disk / bytes of bodies", name, kilobytes * 1024 / bytes);
        figures.add("disk, MB", name, kilobytes * 1024 / 1e6);
        try (Stream<Path> files = Files.walk(folder)) {
            figures.add("inodes", name, (double) files.count());
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + process.exitValue());
        }
        return out;
    }

    private void require(long count, String what) {
        if (count != entries) {
            throw new IllegalStateException(count + " entries " + what + " of " + entries);
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
