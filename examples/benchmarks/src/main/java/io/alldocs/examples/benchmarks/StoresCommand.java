package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cli.bootstrap.BootstrapCommand;
import io.alldocs.packument.PackumentClient;
import io.alldocs.storage.emulators.Emulator;
import io.alldocs.storage.emulators.RealPackuments;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Stores real packuments in each vendor's store. Fetches them into an empty store, runs a bootstrap, compares the
 * stored packuments with the origin, and verifies the store. The server of the store counts every request. Then runs
 * puts and gets against a server in a separate process: in turns through the driver and through the vendor's SDK or
 * curl.
 */
@Command(
        name = "stores",
        description =
                "Passes real packuments through the drivers of S3, GCS, Cloudflare KV and Fastly. Counts requests at the"
                        + " servers, and compares the throughput with that of the vendors' SDKs or curl.")
final class StoresCommand implements Callable<Integer> {

    @Option(names = "--data", description = "Folder of packuments (*.json.gz). Default: seven packuments in this jar.")
    private @Nullable Path data;

    @Option(
            names = "--drivers",
            split = ",",
            converter = Drivers.class,
            defaultValue = "s3,gcs,cloudflare,fastly",
            description = "Default: ${DEFAULT-VALUE}.")
    private List<VendorStore> stores = List.of();

    @Option(names = "--concurrency", defaultValue = "16", description = "Default: ${DEFAULT-VALUE}.")
    private int concurrency;

    @Option(
            names = "--values",
            defaultValue = "2000",
            description = "Values in each round of the comparison; 0 for no comparison (default: ${DEFAULT-VALUE}).")
    private int values;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            description = "Rounds after two warm-up rounds; the medians are printed (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Mixin
    private FigureOptions options = new FigureOptions();

    private final Figures figures = new Figures();

    /** Parses stores by the names of their drivers. */
    static final class Drivers implements CommandLine.ITypeConverter<VendorStore> {
        @Override
        public VendorStore convert(String driver) {
            return Arrays.stream(VendorStore.values())
                    .filter(store -> store.driver().equals(driver))
                    .findFirst()
                    .orElseThrow(() -> new CommandLine.TypeConversionException("there is no store " + driver));
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Files.createDirectories(options.workDir());
        List<Path> files = files();
        try (MemoryOrigin origin = new MemoryOrigin(PlainStore.read(files))) {
            for (VendorStore store : stores) {
                passThrough(store, origin);
            }
        }
        for (VendorStore store : values == 0 ? List.<VendorStore>of() : stores) {
            compare(store, files);
        }
        options.print(figures);
        return 0;
    }

    private List<Path> files() throws IOException {
        if (data != null) {
            return PackumentOrigin.files(data);
        }
        List<Path> files = new ArrayList<>();
        for (String name : RealPackuments.names()) {
            files.add(Files.write(options.workDir().resolve(name + ".json.gz"), RealPackuments.gzip(name)));
        }
        return files;
    }

    // ---- packuments

    private void passThrough(VendorStore store, MemoryOrigin origin) throws IOException {
        try (Emulator emulator = store.start()) {
            Map<String, String> environment = new HashMap<>(store.environment(emulator.endpoint()));
            environment.put("STORAGE_DRIVER", store.driver());
            environment.put("CACHE_KEY_PREFIX", "alone/");
            fetch(store, origin, emulator, environment);
            environment.put("CACHE_KEY_PREFIX", "bootstrap/");
            bootstrap(store, origin, emulator, environment);
        }
    }

    /** Measures only the client, which shows the cost of a packument. */
    private void fetch(VendorStore store, MemoryOrigin origin, Emulator emulator, Map<String, String> environment)
            throws IOException {
        emulator.seen();
        try (Cache cache = Cache.builder().env(Env.of(environment)).build();
                PackumentClient client = client(cache, origin)) {
            var summary = client.requestAll(origin.names(), RequestOptions.of(CacheMode.RELOAD), result -> {});
            require(summary.failed() == 0, store + ": " + summary.failures());
            count("cold fetch", store, emulator, origin);
            for (String name : origin.names()) {
                requireEqual(origin, name, cache.entry(key(origin, name)).orElseThrow());
            }
            count("warm read", store, emulator, origin);
            require(cache.verify(VerifyOptions.dryRun()).clean(), store + ": verify finds damage");
        }
    }

    private PackumentClient client(Cache cache, MemoryOrigin origin) {
        return PackumentClient.builder()
                .env(Env.of(Map.of()))
                .cache(cache)
                .registry(origin.address())
                .concurrency(concurrency)
                .build();
    }

    /** Measures the whole program, including its state and checkpoints. */
    private void bootstrap(VendorStore store, MemoryOrigin origin, Emulator emulator, Map<String, String> environment)
            throws IOException {
        Path names = Files.write(
                options.workDir().resolve("names.txt"),
                origin.names().stream().sorted(KeyOrder.UTF8).toList());
        String[] job = {
            "--names=" + names,
            "--registry=" + origin.address(),
            "--cache-dir=" + options.workDir().resolve(store.driver()),
            "--concurrency=" + concurrency,
            "--quiet"
        };
        emulator.seen();
        run(environment, job);
        count("bootstrap", store, emulator, origin);
        run(environment, job);
        count("bootstrap again", store, emulator, origin);
        try (Cache cache = Cache.builder().env(Env.of(environment)).build()) {
            for (String name : origin.names()) {
                requireEqual(origin, name, cache.entry(key(origin, name)).orElseThrow());
            }
            require(cache.verify(VerifyOptions.dryRun()).clean(), store + ": verify finds damage");
        }
    }

    private static void run(Map<String, String> environment, String... job) throws IOException {
        StringWriter said = new StringWriter();
        int code = new CommandLine(new BootstrapCommand(environment))
                .setOut(new PrintWriter(said, true))
                .setErr(new PrintWriter(said, true))
                .execute(job);
        require(code == 0, "bootstrap ended with " + code + ": " + said);
    }

    private static CacheKey key(MemoryOrigin origin, String name) {
        return CacheKey.packument(origin.address(), name);
    }

    /**
     * Checks that the entry equals the origin's document. Compares the bytes if the entry is compressed as the origin
     * sent it, and JSON otherwise.
     */
    private static void requireEqual(MemoryOrigin origin, String name, CacheEntry entry) throws IOException {
        byte[] sent = origin.body(name);
        boolean equal = entry.encoding().isPresent()
                ? Arrays.equals(entry.rawBody().toByteArray(), sent)
                : sent != null && entry.as(JsonNode.class).equals(MemoryOrigin.json(sent));
        require(equal, name + " differs from what the origin sent");
    }

    private static void require(boolean held, String complaint) throws IOException {
        if (!held) {
            throw new IOException(complaint);
        }
    }

    /** Prints the number of requests of each kind and in total, per 1,000 packuments. */
    private void count(String what, VendorStore store, Emulator emulator, MemoryOrigin origin) {
        Map<String, Integer> kinds = new TreeMap<>();
        emulator.kinds().forEach(kind -> kinds.merge(kind, 1, Integer::sum));
        double perThousand = 1000.0 / origin.names().size();
        int all = kinds.values().stream().mapToInt(Integer::intValue).sum();
        figures.add(what + ", requests/1,000", store.driver(), all * perThousand);
        options.err()
                .printf(
                        "%s, %s: %d packuments, %s%n",
                        store.driver(), what, origin.names().size(), kinds);
        options.err().flush();
    }

    // ---- throughput

    private void compare(VendorStore store, List<Path> files) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(options.workDir().resolve("curl-" + store.driver()));
        try (StoreServer.Running server = StoreServer.Running.of(store);
                PlainStore rival = store.rival(server.endpoint(), files, folder.toAbsolutePath());
                StorageDriver driver = driver(store, server.endpoint())) {
            Values bodies = Values.of(files);
            for (int threads : new int[] {1, concurrency}) {
                String put = "put, " + threads + " threads, values/s";
                String get = "get, " + threads + " threads, values/s";
                for (int round = -2; round < rounds; round++) {
                    boolean counts = round >= 0;
                    add(counts, put, rival.name(), () -> rival.put(values, threads));
                    add(counts, put, store.driver(), () -> Parallel.run(threads, values, i -> bodies.put(driver, i)));
                    add(counts, get, rival.name(), () -> rival.get(values, threads));
                    add(counts, get, store.driver(), () -> Parallel.run(threads, values, i -> Values.get(driver, i)));
                }
                figures.compare(put, store.driver(), rival.name(), 0.8);
                figures.compare(get, store.driver(), rival.name(), 0.8);
            }
        }
    }

    private static StorageDriver driver(VendorStore store, URI endpoint) {
        Map<String, String> environment = new HashMap<>(store.environment(endpoint));
        environment.put("STORAGE_DRIVER", store.driver());
        return StorageDrivers.create(Env.of(environment));
    }

    private interface Turn {
        void take() throws IOException, InterruptedException;
    }

    private void add(boolean counts, String figure, String contender, Turn turn)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        turn.take();
        if (counts) {
            figures.add(figure, contender, values * 1e9 / (System.nanoTime() - start));
        }
    }

    /** Bodies and their metadata (heads). */
    private record Values(List<byte[]> bodies, List<EntryMetadata> heads) {

        static Values of(List<Path> files) throws IOException {
            List<byte[]> bodies = PlainStore.read(files);
            return new Values(bodies, bodies.stream().map(Values::head).toList());
        }

        private static EntryMetadata head(byte[] bytes) {
            return EntryMetadata.builder()
                    .status(200)
                    .form("full")
                    .outcome("ok")
                    .headers(Map.of("content-type", List.of("application/json")))
                    .body("gzip", bytes.length, "sha256-" + sha256(bytes))
                    .storedAt(Instant.EPOCH)
                    .build();
        }

        private static String sha256(byte[] bytes) {
            try {
                return Base64.getEncoder()
                        .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e); // every JVM has it
            }
        }

        void put(StorageDriver driver, int number) {
            int index = number % bodies.size();
            driver.put("driver-" + number, heads.get(index), Body.of(bodies.get(index)));
        }

        static void get(StorageDriver driver, int number) {
            try (Body body = driver.get("driver-" + number).orElseThrow().body()) {
                body.toByteArray();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
