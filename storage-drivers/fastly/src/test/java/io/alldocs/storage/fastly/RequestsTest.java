package io.alldocs.storage.fastly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.Asked;
import io.alldocs.storage.emulators.BatchChecks;
import io.alldocs.storage.emulators.FakeFastly;
import io.alldocs.storage.emulators.FakeItems.Item;
import io.alldocs.storage.emulators.FakeItems.Refused;
import io.alldocs.storage.emulators.RealPackuments;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the requests that are sent, and the items in the store. */
class RequestsTest {
    private FakeFastly fake;
    private FastlyStorageDriver driver;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeFastly();
        driver = FastlyStorageDriver.builder(FakeFastly.STORE)
                .endpoint(fake.endpoint())
                .token(FakeFastly.TOKEN)
                .keyPrefix("p/")
                .conflictDelay(Duration.ofMillis(1))
                .build();
    }

    @AfterEach
    void stop() {
        driver.close();
        fake.close();
    }

    @Test
    void batches_withAnExecutor_runOnIt() {
        BatchChecks.requireExecutor(executor -> FastlyStorageDriver.builder(FakeFastly.STORE)
                .endpoint(fake.endpoint())
                .token(FakeFastly.TOKEN)
                .concurrency(2)
                .executor(executor)
                .build());
    }

    @Test
    void everyVerb_aSmallHead_isOneRequest() {
        byte[] bytes = Values.random(1, 50_000);
        EntryMetadata head = Values.head(bytes);
        driver.put("k", head, Body.of(bytes));
        assertThat(fake.kinds()).containsExactly("PUT");
        StoredEntry entry = driver.get("k").orElseThrow();
        assertThat(fake.kinds()).containsExactly("GET");
        assertThat(entry.head()).isEqualTo(head);
        assertThat(Values.bytes(entry)).isEqualTo(bytes);
        assertThat(driver.head("k")).contains(head);
        assertThat(driver.has("k")).isTrue();
        assertThat(fake.kinds()).containsExactly("LOOK", "LOOK");
        assertThat(driver.putHead("k", head.toBuilder().outcome("changed").build()))
                .isTrue();
        assertThat(fake.kinds()).containsExactly("GET", "PUT");
        assertThat(driver.get("k").orElseThrow().head().outcome()).isEqualTo("changed");
        fake.seen();
        driver.delete("k");
        assertThat(fake.kinds()).containsExactly("DELETE");
        assertThat(driver.get("k")).isEmpty();
        assertThat(driver.has("k")).isFalse();
        assertThat(fake.kinds()).containsExactly("GET", "LOOK");
        assertThat(driver.putIfAbsent("k", head, Body.of(bytes))).isTrue();
        assertThat(driver.putIfAbsent("k", head, Body.of(bytes))).isFalse();
        assertThat(fake.kinds()).containsExactly("PUT", "PUT");
        assertThat(driver.head("k")).contains(head);
    }

    @Test
    void absentKey_ofAnUnknownStore_requestsTheStoreOnce() {
        assertThat(driver.get("k")).isEmpty();
        assertThat(fake.kinds()).containsExactly("GET", "STORE");
        assertThat(driver.get("k")).isEmpty();
        driver.delete("k");
        assertThat(fake.kinds()).containsExactly("GET", "DELETE");
    }

    @Test
    void put_gzip_sendsTheBytesUnchangedWithTheHead() throws Exception {
        byte[] packument = RealPackuments.gzip("wrappy");
        driver.put("v1:packument:npm:777261707079", Values.gzipHead(packument), Body.of(packument));
        Asked put = fake.seen().get(0);
        assertThat(put.path())
                .isEqualTo(
                        "/resources/stores/kv/" + FakeFastly.STORE + "/keys/p%2Fv1%3Apackument%3Anpm%3A777261707079");
        assertThat(put.query()).isEmpty();
        assertThat(put.headers())
                .containsEntry("fastly-key", FakeFastly.TOKEN)
                .containsEntry("accept-encoding", "identity")
                .doesNotContainKeys("if-generation-match", "content-encoding", "authorization");
        Item item = stored("v1:packument:npm:777261707079");
        assertThat(item.value()).isEqualTo(packument);
        assertThat(EntryMetadata.parse(item.metadata())).isEqualTo(Values.gzipHead(packument));
    }

    private Item stored(String key) throws Refused {
        return fake.items().read("p/" + key);
    }

    @Test
    void packuments_ofNpm_comeBackAsTheyWere() {
        BatchChecks.requirePackuments(driver, fake, "BATCH", "GET");
    }

    @Test
    void headTooLargeForMetadata_isStoredBeforeTheBody() throws Exception {
        byte[] bytes = Values.random(2, 3_000);
        EntryMetadata large = Values.largeHead(bytes);
        driver.put("k", large, Body.of(bytes));
        assertThat(stored("k").metadata()).isEmpty();
        fake.seen();
        assertThat(driver.get("k").orElseThrow().head()).isEqualTo(large);
        assertThat(fake.kinds()).containsExactly("GET");
        assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
        fake.seen();
        assertThat(driver.head("k")).contains(large);
        assertThat(fake.kinds()).containsExactly("LOOK", "GET");

        EntryMetadata small = Values.head(bytes);
        assertThat(driver.putHead("k", small)).isTrue();
        assertThat(driver.head("k")).contains(small);
        assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
        assertThat(driver.putHead("k", large)).isTrue();
        assertThat(driver.head("k")).contains(large);
        driver.delete("k");
        assertThat(driver.putIfAbsent("k", large, Body.of(bytes))).isTrue();
        assertThat(stored("k").metadata()).startsWith("{\"write\":").hasSize(48);
        assertThat(driver.head("k")).contains(large);
        assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
    }

    @Test
    void head_rangesPassedOver_isReadAllTheSame() {
        fake.ignoreRanges();
        byte[] bytes = Values.random(3, 2_000_000);
        Values.put(driver, "k", bytes);
        driver.put("l", Values.largeHead(bytes), Body.of(bytes));
        assertThat(driver.head("k")).contains(Values.head(bytes));
        assertThat(driver.has("k")).isTrue();
        assertThat(driver.head("l")).contains(Values.largeHead(bytes));
        assertThat(driver.head("absent")).isEmpty();
    }

    @Test
    void itemOfTheJavaScriptProject_isABareBody_andOtherNamesAreNoKeys() throws Exception {
        for (String name : List.of("p/v1:packument:npm:61", "p/a/b", "p/a b", "p/!61", "q/k", "k")) {
            fake.items().put(name, Values.utf8("{}"), "", null, false);
        }
        assertThat(keys("")).containsExactly("v1:packument:npm:61");
        assertThat(Values.bytes(driver, "v1:packument:npm:61")).isEqualTo(Values.utf8("{}"));
        EntryMetadata head = driver.head("v1:packument:npm:61").orElseThrow();
        assertThat(head.isBare()).isTrue();
        assertThat(head.storedAt()).isAfter(Instant.EPOCH);
        assertThat(driver.get("v1:packument:npm:61").orElseThrow().head()).isEqualTo(head);
    }

    @Test
    void entry_byDefault_isWhatTheJavaScriptProjectStoresAndReads() throws Exception {
        byte[] packument = RealPackuments.gzip("wrappy");
        CacheKey key = CacheKey.packument(URI.create("https://registry.npmjs.com"), "wrappy");
        String name = "p/v1:packument:npm:777261707079";
        try (Cache plain = Cache.builder()
                        .driver(driver)
                        .format(EntryFormat.NATIVE)
                        .build();
                Cache cache = Cache.builder().driver(driver).build()) {
            driver.put(key.toString(), Values.gzipHead(packument), Body.of(packument));
            JsonNode document = plain.entry(key).orElseThrow().as(JsonNode.class);
            cache.set(key.toString(), plain.entry(key).orElseThrow());
            byte[] stored = fake.items().read(name).value();
            JsonNode value = new ObjectMapper().readTree(stored);
            assertThat(value.path("statusCode").asInt()).isEqualTo(200);
            assertThat(value.path("body")).isEqualTo(document);
            // As the JavaScript project writes it: without metadata.
            fake.items().put(name, stored, "", null, false);
            assertThat(plain.entry(key).orElseThrow().as(JsonNode.class)).isEqualTo(document);
        }
    }

    @Test
    void value_largerThanTheStoreTakes_isRefusedBeforeItIsSent() {
        byte[] bytes = Values.random(4, 2_000_000);
        try (FastlyStorageDriver small = FastlyStorageDriver.builder(FakeFastly.STORE)
                        .endpoint(fake.endpoint())
                        .token(FakeFastly.TOKEN)
                        .maxValueBytes(1_500_000)
                        .build();
                Cache cache = Cache.builder().driver(small).build()) {
            for (Runnable write : List.<Runnable>of(
                    () -> Values.put(small, "k", bytes),
                    () -> Values.putIfAbsent(small, "k", bytes),
                    () -> small.putBatch(Map.of("k", new StoredEntry(Values.head(bytes), Body.of(bytes)))),
                    () -> cache.set("k", "x".repeat(2_000_000)))) {
                assertThatThrownBy(write::run)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("The value of k is too large")
                        .hasMessageContaining("1499988");
            }
            assertThat(fake.seen()).isEmpty();
        }
    }

    @Test
    void damagedHead_isNoEntryAndNamesTheKey() throws Exception {
        fake.items().put("p/torn", Values.utf8("{}"), "{\"status\":", null, false);
        for (Runnable read : List.<Runnable>of(() -> driver.get("torn"), () -> driver.head("torn"))) {
            assertThatThrownBy(read::run)
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("torn")
                    .hasMessageContaining(FakeFastly.STORE);
        }
        assertThat(driver.has("torn")).isTrue();
        byte[] magic = {0, 'a', 'l', 'l', 'd', 'o', 'c', 1, 0, 0, 1, 0, 'x'};
        fake.items().put("p/cut", magic, "", null, false);
        for (Runnable read : List.<Runnable>of(() -> driver.get("cut"), () -> driver.head("cut"))) {
            assertThatThrownBy(read::run).isInstanceOf(IntegrityException.class).hasMessageContaining("truncated");
        }
    }

    @Test
    void staleRead_isAnOlderValueAsAWhole() {
        byte[] first = Values.random(5, 1_000);
        byte[] second = Values.random(6, 2_000);
        Values.put(driver, "k", first);
        fake.items().lagging(2);
        Values.put(driver, "k", second);
        StoredEntry entry = driver.get("k").orElseThrow();
        assertThat(entry.head()).isEqualTo(Values.head(first));
        assertThat(Values.bytes(entry)).isEqualTo(first);
        assertThat(driver.head("k")).contains(Values.head(first));
        assertThat(Values.bytes(driver, "k")).isEqualTo(second);
    }

    @Test
    void putHead_afterStaleReads_isForTheNewestValue() {
        byte[] first = Values.random(5, 1_000);
        Values.put(driver, "k", first);
        for (byte[] second : List.of(Values.random(6, 1_000), Values.random(7, 2_000))) {
            fake.items().lagging(2);
            Values.put(driver, "k", second);
            EntryMetadata changed =
                    Values.head(second).toBuilder().outcome("changed").build();
            assertThat(driver.putHead("k", changed)).isTrue();
            assertThat(driver.head("k")).contains(changed);
            assertThat(Values.bytes(driver, "k")).isEqualTo(second);
        }
        assertThat(driver.putHead("k", Values.head(Values.random(8, 10)))).isFalse();
    }

    @Test
    void putBatch_manyValues_goesInFewRequests() {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        IntStream.range(0, 250).forEach(i -> put(entries, "small-" + i, Values.utf8("v" + i)));
        driver.putBatch(entries);
        assertThat(fake.kinds()).containsExactly("BATCH", "BATCH", "BATCH");
        entries.clear();
        // Six values of 700,000 bytes fill three requests; a value over 1 MiB is sent alone.
        IntStream.range(0, 6).forEach(i -> put(entries, "medium-" + i, Values.random(i, 700_000)));
        put(entries, "large", Values.random(9, 1_100_000));
        entries.forEach((key, entry) -> assertThat(driver.has(key)).isFalse());
        fake.seen();
        driver.putBatch(entries);
        assertThat(fake.kinds()).containsExactlyInAnyOrder("BATCH", "BATCH", "BATCH", "PUT");
        driver.getBatch(entries.keySet()).forEach((key, entry) -> {
            assertThat(entry.head()).isEqualTo(entries.get(key).head());
            assertThat(Values.sha256(Values.bytes(entry)))
                    .isEqualTo(entry.head().integrity());
        });
        assertThat(driver.verify(VerifyOptions.dryRun()).verifiedContent()).isEqualTo(257);
    }

    private static void put(Map<String, StoredEntry> entries, String key, byte[] bytes) {
        entries.put(key, new StoredEntry(Values.head(bytes), Body.of(bytes)));
    }

    @Test
    void listing_pageAfterPage_followsTheCursorAndPromisesNoOrder() {
        assertThat(driver.capabilities().orderedListing()).isFalse();
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        IntStream.range(0, 2001).forEach(i -> put(entries, "k" + i, Values.utf8("v" + i)));
        driver.putBatch(entries);
        fake.seen();
        assertThat(keys("k")).containsExactlyInAnyOrderElementsOf(entries.keySet());
        List<Asked> pages = fake.seen();
        assertThat(pages)
                .hasSize(3)
                .allSatisfy(page -> assertThat(page.query())
                        .containsEntry("consistency", "strong")
                        .containsEntry("limit", "1000")
                        .containsEntry("prefix", "p/k"));
        assertThat(pages.get(0).query()).doesNotContainKey("cursor");
        assertThat(pages.get(1).query()).containsKey("cursor");
        try (Stream<String> lazy = driver.list("", null)) {
            assertThat(lazy.limit(5)).hasSize(5);
        }
        assertThat(fake.seen()).hasSize(1);
        try (Stream<String> after = driver.list("k", "k1998")) {
            List<String> sorted = entries.keySet().stream().sorted().toList();
            assertThat(after)
                    .containsExactlyInAnyOrderElementsOf(sorted.subList(sorted.indexOf("k1998") + 1, sorted.size()));
        }
        fake.seen();
        // No name is that long.
        assertThat(keys("k".repeat(1100))).isEmpty();
        assertThat(fake.seen()).isEmpty();
    }

    @Test
    void listing_thatTurnsInCircles_ends() {
        String page = "{\"data\":[\"p/a\"],\"meta\":{\"limit\":1000,\"next_cursor\":\"x\"}}";
        fake.answering(200, Map.of(), page).answering(200, Map.of(), page);
        assertThatThrownBy(() -> keys("")).hasMessageContaining("same page again");
    }

    private List<String> keys(String prefix) {
        try (Stream<String> keys = driver.list(prefix, null)) {
            return keys.toList();
        }
    }
}
