package io.alldocs.examples.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.Env;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.PackumentForm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Reads one field of many packuments. Compares a frame over a cache in a small heap, Node (zlib and
 * {@code JSON.parse}), and {@code zcat | jq}. Node and jq read files of the same bytes. {@code latest} is at the start
 * of a packument. The {@code published} time of that version comes after all versions.
 */
@Command(
        name = "scan",
        description = "Reads one field of many cached packuments, compares the speed with Node and zcat | jq, and"
                + " prints ratios.")
final class ScanCommand implements Callable<Integer> {
    private static final String NODE = "node";
    private static final String JQ = "zcat | jq";
    private static final int MADE_UP_FILES = 1_000;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder of real packuments (*.json.gz), each stored under several names if there are too"
                    + " few. Default: made-up ones.")
    private @Nullable Path data;

    @Option(
            names = "--packuments",
            defaultValue = "200000",
            description = "Packuments in the cache (default: ${DEFAULT-VALUE}).")
    private int packuments;

    @Option(
            names = "--sample",
            defaultValue = "5000",
            description = "Packuments that Node reads; jq reads every file once (default: ${DEFAULT-VALUE}).")
    private int sample;

    @Option(
            names = "--drivers",
            split = ",",
            defaultValue = "sqlite",
            description = "Storage drivers (default: ${DEFAULT-VALUE}).")
    private List<String> drivers = List.of();

    @Option(
            names = "--fields",
            split = ",",
            defaultValue = "latest,published",
            description = "Fields: latest, published (default: ${DEFAULT-VALUE}).")
    private List<String> fields = List.of();

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Rounds; the medians are printed (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--xmx", defaultValue = "128m", description = "Heap of the scan (default: ${DEFAULT-VALUE}).")
    private String xmx = "128m";

    @Option(
            names = "--others",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether Node and jq are run (default: yes).")
    private boolean others;

    @Mixin
    private FigureOptions options = new FigureOptions();

    private final Figures figures = new Figures();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(options.workDir()).toAbsolutePath();
        Path files = data == null
                ? madeUp(folder.resolve("packuments"), Math.min(MADE_UP_FILES, packuments))
                : data.toAbsolutePath();
        List<byte[]> bodies = read(files);
        for (String driver : drivers) {
            fill(driver, folder.resolve(driver), bodies);
        }
        for (int round = 1; round <= rounds; round++) {
            for (String field : fields) {
                for (int cores = 1; cores <= 2; cores++) {
                    measure(folder, files, field, cores, bodies.size());
                }
            }
            options.roundEnded(round, rounds);
        }
        for (String field : fields) {
            for (String driver : drivers) {
                figures.compare(figure(field, 1), driver, NODE, 0);
                figures.compare(figure(field, 2), driver, NODE, 2.5);
                figures.compare(figure(field, 2), driver, JQ, 0);
            }
        }
        options.print(figures);
        return 0;
    }

    private static String figure(String field, int cores) {
        return field + ", " + cores + (cores == 1 ? " core" : " cores") + ", packuments/s";
    }

    private void measure(Path folder, Path files, String field, int cores, int fileCount)
            throws IOException, InterruptedException {
        for (String driver : drivers) {
            figures.add(figure(field, cores), driver, frame(folder, driver, field, cores));
        }
        if (others) {
            figures.add(figure(field, cores), NODE, node(folder, files, field, cores));
            figures.add(figure(field, cores), JQ, jq(folder, files, field, cores, fileCount));
        }
    }

    // ---- the packuments

    private static Path madeUp(Path folder, int count) throws IOException {
        Files.createDirectories(folder);
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(count).mixedStates(false).start()) {
            int number = 0;
            for (String name : registry.names()) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (OutputStream out = new GZIPOutputStream(bytes)) {
                    out.write(registry.packument(name, PackumentForm.FULL).orElseThrow());
                }
                Files.write(folder.resolve(number++ + ".json.gz"), bytes.toByteArray());
            }
        }
        return folder;
    }

    private static List<byte[]> read(Path folder) throws IOException {
        List<byte[]> bodies = new ArrayList<>();
        try (Stream<Path> found = Files.list(folder)) {
            for (Path file : found.filter(each -> each.toString().endsWith(".json.gz"))
                    .sorted()
                    .toList()) {
                bodies.add(Files.readAllBytes(file));
            }
        }
        if (bodies.isEmpty()) {
            throw new IOException("There are no packuments (*.json.gz) in " + folder + ": name another --data");
        }
        return bodies;
    }

    private void fill(String name, Path folder, List<byte[]> bodies) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        List<String> integrities = bodies.stream().map(ScanCommand::integrity).toList();
        try (StorageDriver driver = StorageDrivers.create(env(name, folder))) {
            Parallel.run(8, packuments, index -> {
                byte[] body = bodies.get(index % bodies.size());
                EntryMetadata head = EntryMetadata.builder()
                        .status(200)
                        .form("full")
                        .outcome("ok")
                        .body("gzip", body.length, integrities.get(index % bodies.size()))
                        .storedAt(Instant.EPOCH)
                        .build();
                String key = CacheKey.packument(ScanCacheCommand.REGISTRY, "package-" + index)
                        .toString();
                driver.put(key, head, Body.of(body));
            });
        }
    }

    static Env env(String driver, Path folder) {
        return Env.of(Map.of("STORAGE_DRIVER", driver, "CACHE_DIR", folder.toString()));
    }

    private static String integrity(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JVM has it
        }
    }

    // ---- the contenders, each pinned to its cores; results in packuments per second

    private double frame(Path folder, String driver, String field, int cores) throws IOException, InterruptedException {
        return rate(
                packuments,
                run(
                        folder,
                        cores,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + xmx,
                        "-XX:ActiveProcessorCount=" + cores,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "scan-cache",
                        "--driver=" + driver,
                        "--folder=" + folder.resolve(driver),
                        "--field=" + field));
    }

    private double node(Path folder, Path files, String field, int cores) throws IOException, InterruptedException {
        Path script = folder.resolve("scan.cjs");
        try (InputStream in = ScanCommand.class.getResourceAsStream("scan.cjs")) {
            Files.write(script, in.readAllBytes());
        }
        return rate(
                sample,
                run(
                        folder,
                        cores,
                        "node",
                        script.toString(),
                        files.toString(),
                        Integer.toString(sample),
                        field,
                        Integer.toString(cores)));
    }

    private static double rate(int expected, String output) throws IOException {
        JsonNode line = new ObjectMapper().readTree(output);
        if (line.path("packuments").asInt() != expected) {
            throw new IOException("Not all packuments were read: " + output);
        }
        return expected / line.path("seconds").asDouble();
    }

    private double jq(Path folder, Path files, String field, int cores, int fileCount)
            throws IOException, InterruptedException {
        String path = field.equals("latest") ? ".[\"dist-tags\"].latest" : ".time[.[\"dist-tags\"].latest]";
        long start = System.nanoTime();
        String found = run(
                folder,
                cores,
                "sh",
                "-c",
                "zcat \"$1\"/*.json.gz | jq -r \"$2\" | wc -l",
                "sh",
                files.toString(),
                path);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (Integer.parseInt(found.strip()) != fileCount) {
            throw new IOException("jq read " + found.strip() + " packuments of " + fileCount);
        }
        return fileCount / seconds;
    }

    private String run(Path folder, int cores, String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        if (others) {
            line.addAll(List.of("taskset", "-c", cores == 1 ? "0" : "0-" + (cores - 1)));
        }
        line.addAll(List.of(command));
        Path errors = folder.resolve("errors.txt");
        Process process =
                new ProcessBuilder(line).redirectError(errors.toFile()).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", line) + ": " + Files.readString(errors));
        }
        return output;
    }
}
