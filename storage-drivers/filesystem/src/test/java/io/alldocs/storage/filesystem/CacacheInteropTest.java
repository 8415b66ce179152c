package io.alldocs.storage.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import io.alldocs.spi.SriHash;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Uses the same folders with this driver, npm's cacache and npm itself. Needs Node; {@code src/test/js} defines the
 * versions.
 */
@Tag("interop")
@Timeout(300)
class CacacheInteropTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final VerifyOptions DRY_RUN = new VerifyOptions(false, Duration.ZERO, 2);
    private static final VerifyOptions REPAIR = new VerifyOptions(true, Duration.ZERO, 2);
    private static final Map<String, String> PACKUMENTS =
            Map.of("wrappy", "wrappy", "isstream", "isstream", "jsbn", "jsbn", "@protobufjs/fetch", "protobufjs-fetch");

    private static final Map<Process, Path> OUTPUTS = new ConcurrentHashMap<>();

    @TempDir
    Path folder;

    // ---- Java writes, cacache reads

    @Test
    void cacache_folderThatJavaWrote_listsReadsAndKeepsAllOfIt() throws Exception {
        Map<String, StoredEntry> expected = new TreeMap<>();
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder)) {
            fill(driver, expected);
            VerifyReport before = driver.verify(DRY_RUN);
            assertThat(before.clean()).isTrue();
            assertThat(before.totalEntries()).isEqualTo(expected.size());

            assertReadByCacache(expected);
            JsonNode stats = cacache("verify");
            assertSameCounts(before, stats);
            assertThat(stats.path("rejectedEntries").asLong()).isZero();
            assertThat(stats.path("reclaimedCount").asLong()).isPositive();
            assertThat(folder)
                    .isDirectoryContaining(path -> path.endsWith("_all-docs-format"))
                    .isDirectoryContaining(path -> path.endsWith("_all-docs-lock"))
                    .isDirectoryContaining(path -> path.endsWith("CACHEDIR.TAG"));

            VerifyReport after = driver.verify(REPAIR);
            assertSameCounts(after, cacache("verify"));
            assertThat(after.reclaimedCount()).isZero();
            assertReadByCacache(expected);
            assertThat(Values.keys(driver)).containsExactlyInAnyOrderElementsOf(expected.keySet());
            for (Map.Entry<String, StoredEntry> entry : expected.entrySet()) {
                StoredEntry stored = driver.get(entry.getKey()).orElseThrow();
                assertThat(stored.head()).isEqualTo(entry.getValue().head());
                assertSame(
                        entry.getKey(),
                        stored.body().toByteArray(),
                        entry.getValue().body().toByteArray());
                stored.body().close();
            }
            Values.put(driver, "after npm emptied tmp", "value");
            assertThat(Values.text(driver, "after npm emptied tmp")).contains("value");
        }
    }

    private static void fill(FilesystemStorageDriver driver, Map<String, StoredEntry> expected) throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 400; i++) {
            byte[] bytes = new byte[i == 0 ? 0 : i == 1 ? 3 << 20 : random.nextInt(30_000)];
            random.nextBytes(bytes);
            EntryMetadata head = i % 3 == 0 ? Values.bare(bytes) : Values.head(bytes);
            expected.put("v1:packument:npm:" + i, put(driver, "v1:packument:npm:" + i, head, bytes));
        }
        for (String key : List.of("ключ 🗝 \"quoted\"\n\t\\", "../../etc/passwd", "k".repeat(16_384))) {
            byte[] bytes = Values.utf8("value of " + key);
            expected.put(key, put(driver, key, Values.head(bytes), bytes));
        }
        for (String packument : PACKUMENTS.values()) {
            byte[] bytes = resource(packument);
            expected.put(packument, put(driver, packument, Values.head(bytes), bytes));
        }
        byte[] sha512 = Values.utf8("by sha512");
        EntryMetadata head = EntryMetadata.bare(
                sha512.length, Values.hash(SriHash.Algorithm.SHA512, sha512).sri(), Values.STORED);
        expected.put("sha512", put(driver, "sha512", head, sha512));
        for (int i = 0; i < 1_000; i++) {
            byte[] bytes = Values.utf8("version " + i);
            expected.put("overwritten", put(driver, "overwritten", Values.head(bytes), bytes));
        }
        Values.put(driver, "removed", "removed");
        driver.delete("removed");
    }

    private static StoredEntry put(FilesystemStorageDriver driver, String key, EntryMetadata head, byte[] bytes) {
        StoredEntry entry = new StoredEntry(head, Body.of(bytes));
        driver.put(key, entry.head(), entry.body());
        return entry;
    }

    private void assertReadByCacache(Map<String, StoredEntry> expected) throws Exception {
        JsonNode entries = cacache("read");
        assertThat(entries.size()).isEqualTo(expected.size());
        for (JsonNode entry : entries) {
            StoredEntry stored = expected.get(entry.path("key").asText());
            assertThat(stored).as(entry.path("key").asText()).isNotNull();
            EntryMetadata head = stored.head();
            assertThat(entry.path("integrity").asText()).isEqualTo(head.integrity());
            assertThat(entry.path("size").asLong()).isEqualTo(head.sizeBytes());
            assertThat(entry.path("time").asLong()).isEqualTo(head.storedAt().toEpochMilli());
            JsonNode metadata = head.equals(Values.bare(stored.body().toByteArray())) || head.isBare()
                    ? JSON.missingNode()
                    : JSON.readTree(head.toJson());
            assertThat(entry.path("metadata")).isEqualTo(metadata);
            assertSame(
                    entry.path("key").asText(),
                    entry.path("data").binaryValue(),
                    stored.body().toByteArray());
        }
    }

    // ---- cacache and npm write, Java reads

    @Test
    void driver_folderThatCacacheWrote_listsReadsAndVerifiesWithTheSameCounts() throws Exception {
        Map<String, byte[]> expected = bytesByKey(cacache("fill"));

        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder)) {
            List<String> all = new ArrayList<>(expected.keySet());
            all.add("without content");
            assertThat(Values.keys(driver)).containsExactlyInAnyOrderElementsOf(all);
            assertThat(driver.has("removed")).isFalse();
            assertThat(driver.has("without content")).isFalse();
            assertHolds(driver, expected);

            VerifyReport report = driver.verify(DRY_RUN);
            assertThat(report.missingContent()).isEqualTo(1);
            assertThat(report.reclaimedCount()).isPositive();
            assertSameCounts(report, cacache("verify"));

            assertHolds(driver, expected);
            assertSameCounts(driver.verify(REPAIR), cacache("verify"));
            assertHolds(driver, expected);
            JsonNode entries = cacache("read");
            assertThat(entries.size()).isEqualTo(expected.size());
            assertThat(entries)
                    .anyMatch(entry -> entry.path("metadata").asText().equals("not an object"))
                    .anyMatch(entry -> entry.path("metadata").path("any").size() == 3);
        }
    }

    @Test
    void driver_repairOfAFolderThatCacacheWrote_leavesCacacheNothingToDo() throws Exception {
        Map<String, byte[]> expected = bytesByKey(cacache("fill"));

        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder)) {
            driver.verify(REPAIR);
            JsonNode stats = cacache("verify");

            for (String count : List.of("reclaimedCount", "badContentCount", "missingContent", "rejectedEntries")) {
                assertThat(stats.path(count).asLong()).as(count).isZero();
            }
            assertThat(stats.path("totalEntries").asLong()).isEqualTo(expected.size());
            assertHolds(driver, expected);
        }
    }

    @Test
    void driver_folderThatNpmFilled_listsReadsAndVerifiesWithTheSameCounts() throws Exception {
        HttpServer registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        registry.createContext("/", CacacheInteropTest::answer);
        registry.start();
        String address = "http://127.0.0.1:" + registry.getAddress().getPort() + "/";
        try {
            for (String name : PACKUMENTS.keySet()) {
                npm("view", name, "name", "--cache", folder.toString(), "--registry", address);
            }
        } finally {
            registry.stop(0);
        }

        Path cacache = folder.resolve("_cacache");
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(cacache)) {
            assertThat(Values.keys(driver))
                    .containsExactlyInAnyOrderElementsOf(PACKUMENTS.keySet().stream()
                            .map(name -> "make-fetch-happen:request-cache:" + address + name.replace("/", "%2f"))
                            .toList());
            for (Map.Entry<String, String> packument : PACKUMENTS.entrySet()) {
                String key = "make-fetch-happen:request-cache:" + address
                        + packument.getKey().replace("/", "%2f");
                byte[] body = gunzip(resource(packument.getValue()));
                StoredEntry entry = driver.get(key).orElseThrow();
                assertThat(entry.body().toByteArray()).isEqualTo(body);
                assertThat(entry.head().isBare()).isTrue();
                assertThat(entry.head().integrity())
                        .isEqualTo(Values.hash(SriHash.Algorithm.SHA512, body).sri());
            }
            VerifyReport report = driver.verify(REPAIR);
            assertThat(report.clean()).isTrue();
            assertThat(report.totalEntries()).isEqualTo(PACKUMENTS.size());
            assertSameCounts(report, cacache("verify", cacache));
        }
        // The registry is unavailable, so npm must read from the cache that this driver has repaired.
        String offline =
                npm("view", "wrappy", "name", "--offline", "--cache", folder.toString(), "--registry", address);
        assertThat(offline.trim()).isEqualTo("wrappy");
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String name = exchange.getRequestURI().getPath().substring(1);
            String resource = PACKUMENTS.get(name);
            if (resource == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] body = resource(resource);
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.getResponseHeaders().set("content-encoding", "gzip");
            exchange.getResponseHeaders().set("etag", "\"" + name + "\"");
            exchange.getResponseHeaders().set("cache-control", "public, max-age=300");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    // ---- both at the same time

    @Test
    void bothAtOnce_onOneFolder_loseNothing() throws Exception {
        Map<String, byte[]> expected = new HashMap<>();
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder)) {
            Process node = node("interop.cjs", "write", folder.toString(), "2000");
            for (int i = 0; node.isAlive(); i++) {
                byte[] bytes = Values.utf8(("java " + i + " ").repeat(i % 500));
                driver.put("java-" + i % 300, Values.head(bytes), Body.of(bytes));
                expected.put("java-" + i % 300, bytes);
                Values.put(driver, "both", "java " + i);
                byte[] common = Values.utf8("common " + i);
                driver.put("common-" + i, Values.bare(common), Body.of(common));
                expected.put("common-" + i, common);
                if (i % 7 == 0) {
                    driver.delete("java-" + i % 300);
                    expected.remove("java-" + i % 300);
                }
            }
            expected.putAll(bytesByKey(result(node)));

            assertHolds(driver, expected);
            assertThat(Values.text(driver, "both").orElseThrow()).matches("(js|java) [0-9]+");
            VerifyReport report = driver.verify(DRY_RUN);
            assertThat(report.clean()).isTrue();
            assertSameCounts(report, cacache("verify"));
            assertHolds(driver, expected);
            Map<String, byte[]> read = new HashMap<>();
            for (JsonNode entry : cacache("read")) {
                read.put(entry.path("key").asText(), entry.path("data").binaryValue());
            }
            expected.forEach((key, bytes) -> assertSame(key, read.get(key), bytes));
        }
    }

    // ---- helpers

    /** Compares arrays directly, because AssertJ would compare them byte by byte with boxed values. */
    private static void assertSame(String key, byte[] actual, byte[] expected) {
        assertThat(Arrays.equals(actual, expected)).as(key).isTrue();
    }

    private static void assertHolds(FilesystemStorageDriver driver, Map<String, byte[]> expected) {
        expected.forEach((key, bytes) -> {
            StoredEntry entry = driver.get(key).orElseThrow(() -> new AssertionError(key + " is not there"));
            try (Body body = entry.body()) {
                assertSame(key, body.toByteArray(), bytes);
                assertThat(entry.head().sizeBytes()).isEqualTo(bytes.length);
                assertThat(driver.head(key)).contains(entry.head());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /**
     * Compares counts. cacache counts records without content as rejected entries; this driver counts only damaged
     * ones.
     */
    private static void assertSameCounts(VerifyReport report, JsonNode stats) {
        Map<String, Long> ours = new TreeMap<>(Map.of(
                "totalEntries", report.totalEntries(),
                "verifiedContent", report.verifiedContent(),
                "badContentCount", report.badContentCount(),
                "missingContent", report.missingContent(),
                "rejectedEntries", report.rejectedEntries() + report.missingContent(),
                "reclaimedCount", report.reclaimedCount(),
                "reclaimedSize", report.reclaimedSizeBytes(),
                "keptSize", report.keptSizeBytes()));
        Map<String, Long> theirs = new TreeMap<>();
        ours.keySet().forEach(count -> theirs.put(count, stats.path(count).asLong(-1)));
        assertThat(ours).isEqualTo(theirs);
    }

    private static Map<String, byte[]> bytesByKey(JsonNode object) {
        Map<String, byte[]> bytes = new TreeMap<>();
        object.properties()
                .forEach(field -> bytes.put(
                        field.getKey(),
                        Base64.getDecoder().decode(field.getValue().asText())));
        return bytes;
    }

    private static byte[] resource(String packument) throws IOException {
        try (InputStream in = CacacheInteropTest.class.getResourceAsStream("/packuments/" + packument + ".json.gz")) {
            return in.readAllBytes();
        }
    }

    private static byte[] gunzip(byte[] bytes) throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        }
    }

    private JsonNode cacache(String command) throws Exception {
        return cacache(command, folder);
    }

    private static JsonNode cacache(String command, Path folder) throws Exception {
        return result(node("interop.cjs", command, folder.toString()));
    }

    private static JsonNode result(Process process) throws Exception {
        return JSON.readTree(output(process));
    }

    private String npm(String... args) throws Exception {
        List<String> all = new ArrayList<>(List.of("node_modules/npm/bin/npm-cli.js"));
        all.addAll(List.of(args));
        all.addAll(List.of("--userconfig", folder.resolve("npmrc").toString(), "--no-update-notifier"));
        return output(node(all.toArray(new String[0])));
    }

    /** Starts Node with its output redirected to a file, because no thread reads it while it runs. */
    private static Process node(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of("node"));
        command.addAll(List.of(args));
        Path output = Files.createTempFile("all-docs-interop", ".txt");
        output.toFile().deleteOnExit();
        Process process = new ProcessBuilder(command)
                .directory(Path.of(System.getProperty("interop.directory")).toFile())
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        OUTPUTS.put(process, output);
        return process;
    }

    private static String output(Process process) throws Exception {
        assertThat(process.waitFor()).isZero();
        return Files.readString(OUTPUTS.remove(process));
    }
}
