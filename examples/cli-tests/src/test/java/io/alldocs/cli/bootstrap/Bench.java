package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheBuilder;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.NameState;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentForm;
import io.alldocs.packument.PackumentResult;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A registry, a cache folder and a job that fills it, with assertions that compare the cache with the registry. */
public final class Bench {
    private static final ObjectMapper JSON = new ObjectMapper();

    public final EmbeddedRegistry registry;
    public final Path cacheDir;
    /** The storage driver of the job and of everything else that reads its cache. */
    public final String driver;

    private final Path reportFile;

    /** Creates a bench with SQLite, because writing and deleting a single file is faster than thousands of files. */
    public Bench(EmbeddedRegistry registry, Path folder) {
        this(registry, folder, "sqlite");
    }

    private Bench(EmbeddedRegistry registry, Path folder, String driver) {
        this.registry = registry;
        this.driver = driver;
        this.cacheDir = folder.resolve("cache");
        this.reportFile = folder.resolve("report.json");
    }

    /** Creates a bench with the filesystem driver, for a test that reads or damages files. */
    public static Bench withFiles(EmbeddedRegistry registry, Path folder) {
        return new Bench(registry, folder, "filesystem");
    }

    /** Returns a builder of the job's cache. */
    public CacheBuilder cache() {
        return Cache.builder().env(Env.of(Map.of("STORAGE_DRIVER", driver, "CACHE_DIR", cacheDir.toString())));
    }

    /** Returns the command line of the job, for this process or another. */
    public List<String> commandLine(String... more) {
        List<String> line = new ArrayList<>(List.of(
                "bootstrap",
                "--origin",
                registry.origin().toString(),
                "--registry",
                registry.origin().toString(),
                "--cache-dir",
                cacheDir.toString(),
                "--report",
                reportFile.toString()));
        line.addAll(List.of(more));
        if (!line.contains("--driver")) {
            line.addAll(List.of("--driver", driver));
        }
        return line;
    }

    public Program.Result run(String... more) {
        return Program.run(commandLine(more).toArray(String[]::new));
    }

    public Program.Result run(Map<String, String> environment, String... more) {
        return Program.run(environment, commandLine(more).toArray(String[]::new));
    }

    /** Runs the job, expects {@code exitCode}, and returns the report. */
    public JsonNode expect(int exitCode, String... more) {
        Program.Result result = run(more);
        assertThat(result.exitCode()).as("%s%n%s", result.out(), result.err()).isEqualTo(exitCode);
        return report();
    }

    public JsonNode report() {
        try {
            return JSON.readTree(reportFile.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long asked(Endpoint endpoint) {
        return registry.requests().count(endpoint);
    }

    /** Asserts that each matching name of the registry has exactly the registry's outcome and document in the cache. */
    public void assertPackumentsEqualOrigin(Predicate<String> wanted) {
        assertPackumentsEqualOrigin(PackumentForm.FULL, wanted);
    }

    public void assertPackumentsEqualOrigin(PackumentForm form, Predicate<String> wanted) {
        try (Cache cache = cache().build();
                PackumentClient client = PackumentClient.builder()
                        .cache(cache)
                        .registry(registry.origin())
                        .form(form)
                        .build()) {
            registry.names().stream().filter(wanted).forEach(name -> {
                PackumentResult stored = client.request(name, RequestOptions.of(CacheMode.ONLY_IF_CACHED));
                assertThat(stored.outcome())
                        .as(name)
                        .isEqualTo(outcome(registry.state(name).orElseThrow()));
                stored.entry()
                        .ifPresent(entry -> assertThat(bytes(entry.bodyStream()))
                                .as(name)
                                .isEqualTo(registry.packument(name, registryForm(form))
                                        .orElseThrow()));
            });
            assertThat(cache.verify(VerifyOptions.dryRun()).clean()).isTrue();
        }
    }

    private static io.alldocs.examples.registry.PackumentForm registryForm(PackumentForm form) {
        return io.alldocs.examples.registry.PackumentForm.valueOf(form.name());
    }

    /** Asserts that the stored pages together list exactly the matching names of the registry, each once. */
    public void assertNamesEqualOrigin(Predicate<String> wanted) {
        assertThat(storedNames())
                .isEqualTo(registry.names().stream().filter(wanted).toList());
    }

    /** Returns the stored names, in the registry's order. */
    public List<String> storedNames() {
        List<String> names = new ArrayList<>();
        try (Cache cache = cache().build();
                Stream<String> keys = cache.keys("v1:partition:")) {
            // A running bootstrap may have replaced a page since the page was listed.
            keys.flatMap(key -> cache.entry(CacheKey.parse(key)).stream())
                    .forEach(page -> page.json()
                            .path("rows")
                            .forEach(row -> names.add(row.path("id").asText())));
        }
        names.sort(KeyOrder.UTF8);
        return names;
    }

    /** Returns the outcome that is stored for a name. */
    public String storedOutcome(String name) {
        try (Cache cache = cache().build()) {
            return String.valueOf(cache.head(CacheKey.packument(registry.origin(), name))
                    .orElseThrow()
                    .outcome());
        }
    }

    /** Changes the stored state of the only job, as another version of the program might. */
    public void rewriteState(java.util.function.Consumer<com.fasterxml.jackson.databind.node.ObjectNode> change) {
        rewriteRecords("v1:bootstrap:", "", change);
    }

    /** Changes the records whose keys begin with {@code prefix} and contain {@code part}. */
    public void rewriteRecords(
            String prefix,
            String part,
            java.util.function.Consumer<com.fasterxml.jackson.databind.node.ObjectNode> change) {
        try (Cache cache = cache().build();
                Stream<String> keys = cache.keys(prefix)) {
            List<String> found = keys.filter(key -> key.contains(part)).toList();
            assertThat(found).isNotEmpty();
            found.forEach(key -> {
                var record = (com.fasterxml.jackson.databind.node.ObjectNode)
                        cache.get(key, JsonNode.class).orElseThrow();
                change.accept(record);
                cache.set(key, record);
            });
        }
    }

    /** Returns the number of stored keys with this prefix. */
    public long storedKeys(String prefix) {
        try (Cache cache = cache().build();
                Stream<String> keys = cache.driver().list(prefix, null)) {
            return keys.count();
        }
    }

    /** Deletes up to {@code entries} entries whose keys have this prefix. */
    public void forget(String prefix, int entries) {
        try (Cache cache = cache().build();
                Stream<String> keys = cache.driver().list(prefix, null)) {
            keys.limit(entries).toList().forEach(cache.driver()::delete);
        }
    }

    /**
     * Removes the last rows of one stored page, as if the origin had sent too few rows. Returns the number of removed
     * rows.
     */
    public long dropRows(int rows) {
        try (Cache cache = cache().build();
                Stream<String> keys = cache.keys("v1:partition:")) {
            CacheKey key = CacheKey.parse(keys.findFirst().orElseThrow());
            CacheEntry entry = cache.entry(key).orElseThrow();
            com.fasterxml.jackson.databind.node.ObjectNode page = entry.as(ObjectNode.class);
            com.fasterxml.jackson.databind.node.ArrayNode list =
                    (com.fasterxml.jackson.databind.node.ArrayNode) page.path("rows");
            for (int i = 0; i < rows; i++) {
                list.remove(list.size() - 1);
            }
            byte[] body = page.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            EntryMetadata head =
                    entry.head().toBuilder().body(null, body.length, null).build();
            cache.driver().put(key.toString(), head, Body.of(body));
            return rows;
        }
    }

    private static Outcome outcome(NameState state) {
        return switch (state) {
            case PRESENT -> Outcome.OK;
            case NOT_FOUND -> Outcome.NOT_FOUND;
            case UNPUBLISHED -> Outcome.UNPUBLISHED;
            case SECURITY_HOLDER -> Outcome.SECURITY_HOLDER;
            case BLOCKED, FORBIDDEN -> Outcome.BLOCKED;
            case MALFORMED, WRONG_NAME -> Outcome.MALFORMED;
        };
    }

    private static byte[] bytes(InputStream body) {
        try (InputStream in = body) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the files below the folder whose bytes contain {@code needle}, also inside gzip. */
    public static List<Path> filesWith(Path folder, String needle) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> holds(file, needle))
                    .toList();
        }
    }

    private static boolean holds(Path file, String needle) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            byte[] plain = bytes.length > 2 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b
                    ? new java.util.zip.GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes()
                    : bytes;
            return new String(plain, java.nio.charset.StandardCharsets.ISO_8859_1).contains(needle);
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }
}
