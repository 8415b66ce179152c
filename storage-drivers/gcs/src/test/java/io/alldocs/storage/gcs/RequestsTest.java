package io.alldocs.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.Asked;
import io.alldocs.storage.emulators.BatchChecks;
import io.alldocs.storage.emulators.FakeGcs;
import io.alldocs.storage.emulators.FakeObjects;
import io.alldocs.storage.emulators.FakeObjects.Stored;
import io.alldocs.storage.emulators.RealPackuments;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the requests that are sent, and the objects in the bucket. */
class RequestsTest {
    private FakeGcs fake;
    private GcsStorageDriver driver;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeGcs();
        driver = GcsStorageDriver.builder(FakeGcs.BUCKET)
                .endpoint(fake.endpoint())
                .noCredentials()
                .keyPrefix("p/")
                .build();
    }

    @AfterEach
    void stop() {
        driver.close();
        fake.close();
    }

    @Test
    void batches_withAnExecutor_runOnIt() {
        BatchChecks.requireExecutor(executor -> GcsStorageDriver.builder(FakeGcs.BUCKET)
                .endpoint(fake.endpoint())
                .noCredentials()
                .concurrency(2)
                .executor(executor)
                .build());
    }

    @Test
    void everyVerb_aSmallHead_isOneRequest() {
        byte[] bytes = Values.random(1, 50_000);
        EntryMetadata head = Values.head(bytes);
        driver.put("k", head, Body.of(bytes));
        assertThat(fake.kinds()).containsExactly("POST");
        StoredEntry entry = driver.get("k").orElseThrow();
        assertThat(fake.kinds()).containsExactly("MEDIA");
        assertThat(entry.head()).isEqualTo(head);
        assertThat(Values.bytes(entry)).isEqualTo(bytes);
        assertThat(driver.head("k")).contains(head);
        assertThat(driver.has("k")).isTrue();
        assertThat(fake.kinds()).containsExactly("GET", "GET");
        assertThat(driver.putHead("k", head.toBuilder().outcome("changed").build()))
                .isTrue();
        assertThat(fake.kinds()).containsExactly("GET", "PATCH");
        assertThat(driver.get("k").orElseThrow().head().outcome()).isEqualTo("changed");
        fake.seen();
        driver.delete("k");
        assertThat(fake.kinds()).containsExactly("DELETE");
        assertThat(driver.get("k")).isEmpty();
        assertThat(driver.has("k")).isFalse();
        assertThat(fake.kinds()).containsExactly("MEDIA", "GET");
        assertThat(driver.putIfAbsent("k", head, Body.of(bytes))).isTrue();
        assertThat(fake.kinds()).containsExactly("POST");
        assertThat(driver.putIfAbsent("k", head, Body.of(bytes))).isFalse();
        assertThat(fake.kinds()).containsExactly("POST", "GET");
    }

    @Test
    void absentKey_ofAnUnknownBucket_requestsTheBucketOnce() {
        assertThat(driver.get("k")).isEmpty();
        assertThat(fake.kinds()).containsExactly("MEDIA", "GET");
        assertThat(driver.get("k")).isEmpty();
        driver.delete("k");
        assertThat(fake.kinds()).containsExactly("MEDIA", "DELETE");
    }

    @Test
    void put_gzip_sendsTheBytesPlainWithTheirChecksumAndSaysWhatTheyAre() throws Exception {
        byte[] packument = RealPackuments.gzip("wrappy");
        driver.put("v1:packument:npm:777261707079", Values.gzipHead(packument), Body.of(packument));
        Asked put = fake.seen().get(0);
        assertThat(put.path()).isEqualTo("/upload/storage/v1/b/cache/o");
        assertThat(put.query()).containsEntry("uploadType", "multipart").doesNotContainKey("ifGenerationMatch");
        assertThat(put.headers()).doesNotContainKeys("content-encoding", "authorization");

        Stored object = stored("p/v1:packument:npm:777261707079.json");
        assertThat(object.bytes()).isEqualTo(packument);
        assertThat(object.text("contentEncoding")).isEqualTo("gzip");
        assertThat(object.text("contentType")).isEqualTo("application/json");
        assertThat(object.resource().path("metadata").properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("alldocs-head");
        assertThat(new String(put.body(), StandardCharsets.ISO_8859_1))
                .contains("\"crc32c\":\"" + object.text("crc32c"));
    }

    private Stored stored(String name) throws FakeObjects.Refused {
        return fake.objects().get(FakeGcs.BUCKET, name, Map.of());
    }

    @Test
    void putIfAbsent_makesItselfDependOnGenerationZero() {
        Values.putIfAbsent(driver, "k", Values.utf8("{}"));
        assertThat(fake.seen().get(0).query()).containsEntry("ifGenerationMatch", "0");
    }

    @Test
    void packuments_ofNpm_comeBackAsTheyWere() {
        BatchChecks.requirePackuments(driver, fake, "POST", "MEDIA");
    }

    @Test
    void headTooLargeForMetadata_isStoredBeforeTheBody() throws Exception {
        byte[] bytes = Values.random(2, 3_000);
        EntryMetadata large = Values.largeHead(bytes);
        driver.put("k", large, Body.of(bytes));
        assertThat(stored("p/k.json").text("contentType")).isEqualTo("application/octet-stream");
        assertThat(stored("p/k.json").resource().path("metadata").isEmpty()).isTrue();
        fake.seen();
        assertThat(driver.get("k").orElseThrow().head()).isEqualTo(large);
        assertThat(fake.kinds()).containsExactly("MEDIA", "GET");
        assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
        fake.seen();
        assertThat(driver.head("k")).contains(large);
        assertThat(fake.kinds()).containsExactly("GET", "MEDIA");

        EntryMetadata small = Values.head(bytes);
        assertThat(driver.putHead("k", small)).isTrue();
        assertThat(driver.head("k")).contains(small);
        assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
        assertThat(driver.putHead("k", large)).isTrue();
        assertThat(driver.head("k")).contains(large);
        assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
    }

    @Test
    void metadataNotInHeaders_isRequestedOfTheSameGeneration() {
        byte[] first = Values.random(3, 1_000);
        byte[] second = Values.random(4, 1_000);
        Values.put(driver, "k", first);
        fake.hideMetadata();
        fake.seen();
        assertThat(driver.get("k").orElseThrow().head()).isEqualTo(Values.head(first));
        assertThat(fake.kinds()).containsExactly("MEDIA", "GET");
        // The object is replaced after its bytes were read.
        fake.passing().passingAfter(() -> replace("k", second));
        StoredEntry entry = driver.get("k").orElseThrow();
        assertThat(entry.head()).isEqualTo(Values.head(second));
        assertThat(Values.bytes(entry)).isEqualTo(second);
    }

    private void replace(String key, byte[] bytes) {
        ObjectNode described = JsonNodeFactory.instance.objectNode();
        described.putObject("metadata").put("alldocs-head", Objects.requireNonNull(Heads.value(Values.head(bytes))));
        insert("p/" + key + ".json", described, bytes);
    }

    private void insert(String name, JsonNode described, byte[] bytes) {
        try {
            fake.objects().insert(FakeGcs.BUCKET, name, described, bytes, Map.of());
        } catch (FakeObjects.Refused e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void objectOfTheJavaScriptProject_isABareBody_andOtherNamesAreNoKeys() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("contentType", "application/json");
        for (String name : List.of(
                "p/v1:packument:npm:61.json", "p/notes.txt", "p/a/b.json", "p/a.b.json", "q/k.json", "p/.json")) {
            insert(name, json, Values.utf8("{}"));
        }
        assertThat(keys("")).containsExactly("v1:packument:npm:61");
        assertThat(Values.bytes(driver, "v1:packument:npm:61")).isEqualTo(Values.utf8("{}"));
        EntryMetadata head = driver.head("v1:packument:npm:61").orElseThrow();
        assertThat(head.isBare()).isTrue();
        assertThat(head.storedAt()).isAfter(Instant.EPOCH);
    }

    @Test
    void entryInJson_isWhatTheJavaScriptProjectStoresAndReads() throws Exception {
        byte[] packument = RealPackuments.gzip("wrappy");
        CacheKey key = CacheKey.packument(URI.create("https://registry.npmjs.com"), "wrappy");
        String name = "p/v1:packument:npm:777261707079.json";
        try (Cache plain = Cache.builder().driver(driver).build();
                Cache json =
                        Cache.builder().driver(driver).format(EntryFormat.JSON).build()) {
            driver.put(key.toString(), Values.gzipHead(packument), Body.of(packument));
            JsonNode document = plain.entry(key).orElseThrow().as(JsonNode.class);
            json.set(key.toString(), plain.entry(key).orElseThrow());
            Stored object = stored(name);
            assertThat(object.text("contentType")).isEqualTo("application/json");
            JsonNode value = new ObjectMapper().readTree(object.bytes());
            assertThat(value.path("statusCode").asInt()).isEqualTo(200);
            assertThat(value.path("body")).isEqualTo(document);
            // As the JavaScript project writes it: without metadata.
            insert(name, JsonNodeFactory.instance.objectNode(), object.bytes());
            assertThat(plain.entry(key).orElseThrow().as(JsonNode.class)).isEqualTo(document);
        }
    }

    @Test
    void damagedHead_isNoEntryAndNamesTheKey() {
        ObjectNode described = JsonNodeFactory.instance.objectNode();
        described.putObject("metadata").put("alldocs-head", "{\"status\":");
        insert("p/torn.json", described, Values.utf8("{}"));
        for (Runnable read : List.<Runnable>of(() -> driver.get("torn"), () -> driver.head("torn"))) {
            assertThatThrownBy(read::run)
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("torn")
                    .hasMessageContaining("gs://cache/p/");
        }
        assertThat(driver.has("torn")).isTrue();
    }

    @Test
    void largeBody_goesInParts() {
        byte[] bytes = Values.random(5, Upload.MAX_SINGLE_BYTES + 1);
        Values.put(driver, "k", bytes);
        // The start, four parts of 2 MiB, and the remaining byte.
        assertThat(fake.kinds()).containsExactly("POST", "PUT", "PUT", "PUT", "PUT", "PUT");
        assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
        assertThat(fake.kinds()).containsExactly("MEDIA");
        assertThat(Values.putIfAbsent(driver, "k", bytes)).isFalse();
        assertThat(Values.putIfAbsent(driver, "l", bytes)).isTrue();
    }

    @Test
    void listing_pageAfterPage_beginsWhereTheLastOneEnded() {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        IntStream.range(0, 2001).forEach(i -> {
            byte[] bytes = Values.utf8("v" + i);
            entries.put("k" + i, new StoredEntry(Values.head(bytes), Body.of(bytes)));
        });
        driver.putBatch(entries);
        assertThat(fake.seen()).hasSize(2001);
        List<String> sorted = entries.keySet().stream().sorted().toList();
        assertThat(keys("k")).containsExactlyElementsOf(sorted);
        // A page begins with the last name of the previous page.
        List<Asked> pages = fake.seen();
        assertThat(pages).hasSize(3).noneMatch(asked -> asked.query().containsKey("pageToken"));
        assertThat(pages.get(1).query()).containsEntry("startOffset", "p/" + sorted.get(999) + ".json");
        try (Stream<String> lazy = driver.list("", null)) {
            assertThat(lazy.limit(5)).hasSize(5);
        }
        assertThat(fake.seen()).hasSize(1);
        try (Stream<String> after = driver.list("k", "k1998")) {
            assertThat(after).startsWith("k1999", "k2").hasSize(sorted.size() - sorted.indexOf("k1998") - 1);
        }
        // Start after a key that is longer than any name.
        try (Stream<String> after = driver.list("", "k1998" + "/".repeat(900))) {
            assertThat(after).first().isEqualTo("k1999");
        }
    }

    @Test
    void deleteBatch_of101Keys_isTwoRequests() {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        IntStream.range(0, 101).forEach(i -> {
            byte[] bytes = Values.utf8("v" + i);
            entries.put("k" + i, new StoredEntry(Values.head(bytes), Body.of(bytes)));
        });
        driver.putBatch(entries);
        fake.seen();
        driver.deleteBatch(entries.keySet());
        assertThat(fake.seen()).hasSize(2).allMatch(asked -> asked.path().equals("/batch/storage/v1"));
        assertThat(keys("")).isEmpty();
    }

    private List<String> keys(String prefix) {
        try (Stream<String> keys = driver.list(prefix, null)) {
            return keys.toList();
        }
    }
}
