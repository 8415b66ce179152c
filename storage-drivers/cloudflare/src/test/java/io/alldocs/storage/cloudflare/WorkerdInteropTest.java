package io.alldocs.storage.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.FakeKv;
import io.alldocs.storage.emulators.RealPackuments;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests the driver against Cloudflare's own runtime, workerd. Miniflare supports values, names and bulk reads of KV's
 * REST API, but neither separate metadata requests nor bulk writes. Needs Node; {@code src/test/js} defines the
 * versions.
 */
@Tag("interop")
@Timeout(300)
class WorkerdInteropTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static Process node;
    private static URI api;
    private static URI worker;
    private static CloudflareStorageDriver driver;

    @BeforeAll
    static void start() throws IOException {
        node = new ProcessBuilder("node", "interop.cjs", FakeKv.ACCOUNT, FakeKv.NAMESPACE)
                .directory(Path.of(System.getProperty("interop.directory")).toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        JsonNode addresses = JSON.readTree(node.inputReader().readLine());
        api = URI.create(addresses.path("api").asText());
        worker = URI.create(addresses.path("worker").asText());
        driver = CloudflareStorageDriver.builder(FakeKv.ACCOUNT, FakeKv.NAMESPACE)
                .endpoint(api)
                .apiToken(FakeKv.TOKEN)
                .build();
    }

    @AfterAll
    static void stop() throws Exception {
        driver.close();
        node.outputWriter().close();
        node.waitFor();
    }

    @Test
    void bytesOfAnyKind_comeBackAsTheyWere() {
        Map<String, byte[]> stored = new TreeMap<>(KeyOrder.UTF8);
        stored.put("v1:packument:npm:61", Values.random(1, 100_000));
        stored.put("bytes/ключ 🗝 \"quoted\" %2F +", Values.random(2, 3_000_000));
        stored.put("bytes/empty", new byte[0]);
        stored.put("bytes/~!\n", Values.utf8("\0"));
        stored.forEach((key, bytes) -> Values.put(driver, key, bytes));
        stored.forEach((key, bytes) -> {
            StoredEntry entry = driver.get(key).orElseThrow();
            assertThat(entry.head()).isEqualTo(Values.head(bytes));
            assertThat(Values.bytes(entry)).isEqualTo(bytes);
        });
        Map<String, StoredEntry> batch = driver.getBatch(stored.keySet());
        assertThat(batch.keySet()).containsExactlyInAnyOrderElementsOf(stored.keySet());
        batch.forEach((key, entry) -> assertThat(Values.bytes(entry)).isEqualTo(stored.get(key)));
        try (Stream<String> keys = driver.list("bytes/", null)) {
            assertThat(keys.toList())
                    .containsExactlyElementsOf(stored.keySet().stream()
                            .filter(key -> key.startsWith("bytes/"))
                            .toList());
        }
        stored.keySet().forEach(driver::delete);
        assertThat(driver.get("bytes/empty")).isEmpty();
    }

    @Test
    void names_ofSeveralPages_areListedInOrder() {
        byte[] bytes = Values.utf8("x");
        List<String> keys = Stream.iterate(1000, i -> i + 1)
                .limit(1_100)
                .map(i -> "page/" + i)
                .toList();
        keys.forEach(key -> driver.put(key, Values.bareHead(bytes), Body.of(bytes)));
        try (Stream<String> listed = driver.list("page/", "page/1001")) {
            assertThat(listed.toList()).containsExactlyElementsOf(keys.subList(2, keys.size()));
        }
        Map<String, StoredEntry> read = driver.getBatch(keys);
        assertThat(read.keySet()).containsExactlyElementsOf(keys);
        assertThat(read.values()).allMatch(entry -> Values.bytes(entry)[0] == 'x');
    }

    @Test
    void packument_fetchedThroughACache_isWhatAWorkerReadsAsJson() throws Exception {
        byte[] packument = RealPackuments.gzip("koa__router");
        JsonNode document = JSON.readTree(new GZIPInputStream(new ByteArrayInputStream(packument)));
        CacheKey key = CacheKey.packument(URI.create("https://registry.npmjs.com"), "@koa/router");
        try (Cache cache = Cache.builder().driver(driver).build()) {
            Loaded.Value answer = new Loaded.Value(Values.gzipHead(packument), Body.of(packument));
            CacheEntry entry = cache.fetch(key, CacheMode.DEFAULT, stored -> answer);
            JsonNode seen = asWorkerSees(key.toString());
            JsonNode value = seen.path("value");
            assertThat(value.fieldNames())
                    .toIterable()
                    .contains("statusCode", "headers", "body", "integrity", "timestamp", "version");
            assertThat(value.path("statusCode").asInt()).isEqualTo(200);
            assertThat(value.path("headers").path("etag").asText())
                    .isEqualTo(entry.head().headers().get("etag"));
            assertThat(value.path("body")).isEqualTo(document);
            assertThat(value.path("integrity").asText())
                    .isEqualTo(seen.path("integrity").asText());
            assertThat(value.path("timestamp").asLong())
                    .isEqualTo(entry.storedAt().toEpochMilli());
            assertThat(value.path("version").asInt()).isEqualTo(1);
            assertThat(KvValue.head(seen.path("metadata").toString())).isPresent();
            assertThat(cache.entry(key).orElseThrow().as(JsonNode.class)).isEqualTo(document);
        }
    }

    private static JsonNode asWorkerSees(String key) throws Exception {
        URI uri = worker.resolve("/?key=" + URLEncoder.encode(key, StandardCharsets.UTF_8));
        return JSON.readTree(HTTP.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray())
                .body());
    }

    @Test
    void namespaceThatDoesNotExist_isAnErrorNotAnAbsentKey() {
        try (CloudflareStorageDriver nowhere = CloudflareStorageDriver.builder(FakeKv.ACCOUNT, "nowhere")
                .endpoint(api)
                .apiToken(FakeKv.TOKEN)
                .maxAttempts(1)
                .build()) {
            assertThatThrownBy(() -> nowhere.get("k"))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("namespace does not exist");
        }
        assertThat(driver.get("absent")).isEmpty();
    }
}
