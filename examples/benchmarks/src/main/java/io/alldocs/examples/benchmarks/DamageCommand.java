package io.alldocs.examples.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Damages entries in the folder of a finished bootstrap. Uses four kinds of damage in turn: a flipped bit, a truncated
 * body, a truncated index line and a deleted body. No damaged entry may be served. {@code verify} must name each
 * damaged entry and repair the folder. The next bootstrap must fetch exactly these entries again.
 */
@Command(
        name = "damage",
        description = "Damages entries of a cache folder, and checks that none is served, and that each is found, named"
                + " and fetched again.")
final class DamageCommand implements Callable<Integer> {
    @Option(names = "--damages", defaultValue = "100", description = "Entries to damage (default: ${DEFAULT-VALUE}).")
    private int damages;

    @Option(names = "--names", defaultValue = "2000", description = "Names of the job (default: ${DEFAULT-VALUE}).")
    private int names;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of the random choices (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--work-dir", required = true, description = "Folder in which the cache folder is created.")
    private Path workDir = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private enum Kind {
        FLIPPED_BIT,
        CUT_BODY,
        TORN_INDEX_LINE,
        MISSING_BODY
    }

    /** @param file the damaged file, which a report must name if it does not name the key */
    private record Damage(Kind kind, CacheKey key, Path file) {}

    private record Result(int planted, int served, int unnamed, VerifyReport found, boolean repaired, long fetched) {

        boolean held() {
            long counted = found.badContentCount() + found.missingContent() + found.rejectedEntries();
            return served == 0 && unnamed == 0 && counted == planted && repaired && fetched == planted;
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Path folder = Files.createDirectories(workDir);
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(names).mixedStates(false).start()) {
            bootstrap(registry, folder);
            Result result = torment(registry, folder);
            Comparison comparison = Comparison.of(registry, folder, "filesystem");
            boolean held = result.held() && comparison.equal();
            out.printf(
                    "damage: %s, %d planted, %d served, %d not named, verify found %d bad, %d missing, %d torn, %s,"
                            + " %d requested again, %d lost, %d wrong, %s%n",
                    held ? "passed" : "FAILED",
                    result.planted(),
                    result.served(),
                    result.unnamed(),
                    result.found().badContentCount(),
                    result.found().missingContent(),
                    result.found().rejectedEntries(),
                    result.repaired() ? "repaired" : "NOT REPAIRED",
                    result.fetched(),
                    comparison.lost(),
                    comparison.wrong(),
                    comparison.invalid() ? "INVALID" : "valid");
            return held ? 0 : 1;
        }
    }

    private Result torment(EmbeddedRegistry registry, Path folder) throws IOException, InterruptedException {
        Path cacheDir = folder.resolve("cache");
        List<Damage> planted = plant(cacheDir);
        int served = 0;
        VerifyReport found;
        boolean repaired;
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(cacheDir);
                Cache cache = Cache.builder().driver(driver).build()) {
            for (Damage damage : planted) {
                served += isServed(cache, damage.key()) ? 1 : 0;
            }
            found = cache.verify(VerifyOptions.dryRun());
            cache.verify(new VerifyOptions(true, Duration.ZERO, 2));
            repaired = cache.verify(VerifyOptions.dryRun()).clean();
        }
        String problems = String.join("\n", found.problems());
        int unnamed = (int) planted.stream()
                .filter(damage -> !problems.contains(damage.key().toString())
                        && !problems.contains(cacheDir.relativize(damage.file()).toString()))
                .count();
        registry.requests().reset();
        bootstrap(registry, folder);
        return new Result(
                planted.size(),
                served,
                unnamed,
                found,
                repaired,
                registry.requests().count(Endpoint.PACKUMENT));
    }

    private static void bootstrap(EmbeddedRegistry registry, Path folder) throws IOException, InterruptedException {
        try (BootstrapProcess run = BootstrapProcess.start(registry.origin(), folder, "filesystem", 8)) {
            int code = run.awaitExit(10, TimeUnit.MINUTES).orElse(-1);
            if (code != 0) {
                throw new IllegalStateException("A bootstrap ended with " + code + ": " + run.errors());
            }
        }
    }

    private List<Damage> plant(Path cacheDir) throws IOException {
        Random random = new Random(seed);
        List<Damage> planted = new ArrayList<>();
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(cacheDir);
                Cache cache = Cache.builder().driver(driver).build();
                Stream<String> keys = cache.keys("v1:packument:")) {
            List<String> shuffled = new ArrayList<>(keys.toList());
            Collections.shuffle(shuffled, random);
            for (String key : shuffled.subList(0, damages)) {
                CacheKey packument = CacheKey.parse(key);
                EntryMetadata head = cache.head(packument).orElseThrow();
                planted.add(
                        plant(packument, head, Kind.values()[planted.size() % Kind.values().length], cacheDir, random));
            }
        }
        return planted;
    }

    private static Damage plant(CacheKey key, EntryMetadata head, Kind kind, Path cacheDir, Random random)
            throws IOException {
        Path file = kind == Kind.TORN_INDEX_LINE
                ? indexFile(cacheDir, key)
                : contentFile(cacheDir, Objects.requireNonNull(head.integrity()));
        byte[] bytes = Files.readAllBytes(file);
        switch (kind) {
            case FLIPPED_BIT -> {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, bytes);
            }
            case CUT_BODY -> Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
            case TORN_INDEX_LINE -> Files.write(file, Arrays.copyOf(bytes, bytes.length - 1 - random.nextInt(40)));
            case MISSING_BODY -> Files.delete(file);
        }
        return new Damage(kind, key, file);
    }

    /** Returns where cacache stores the index lines of a key: {@code index-v5} and the SHA-256 of the key. */
    private static Path indexFile(Path cacheDir, CacheKey key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(key.toString().getBytes(UTF_8));
            return sharded(cacheDir.resolve("index-v5"), HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns where cacache stores a body: {@code content-v2}, the algorithm, and the digest. */
    private static Path contentFile(Path cacheDir, String integrity) {
        int dash = integrity.indexOf('-');
        byte[] digest = Base64.getDecoder().decode(integrity.substring(dash + 1));
        return sharded(
                cacheDir.resolve("content-v2").resolve(integrity.substring(0, dash)),
                HexFormat.of().formatHex(digest));
    }

    private static Path sharded(Path root, String hex) {
        return root.resolve(hex.substring(0, 2)).resolve(hex.substring(2, 4)).resolve(hex.substring(4));
    }

    /** Returns whether any part of the entry is served as if it were intact. */
    private static boolean isServed(Cache cache, CacheKey key) throws IOException {
        try {
            var entry = cache.entry(key);
            if (entry.isEmpty()) {
                return false;
            }
            try (InputStream body = entry.get().bodyStream()) {
                body.readAllBytes();
                return true;
            }
        } catch (IntegrityException e) {
            return false;
        }
    }
}
