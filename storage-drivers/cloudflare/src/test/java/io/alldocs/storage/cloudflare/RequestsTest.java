package io.alldocs.storage.cloudflare;

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
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.Asked;
import io.alldocs.storage.emulators.FakeKv;
import io.alldocs.storage.emulators.FakeKv.Item;
import io.alldocs.storage.emulators.RealPackuments;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the requests that are sent, and the values in the namespace. */
@Timeout(120)
class RequestsTest {
    private FakeKv fake;
    private CloudflareStorageDriver driver;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeKv();
        driver = CloudflareStorageDriver.builder(FakeKv.ACCOUNT, FakeKv.NAMESPACE)
                .endpoint(fake.endpoint())
                .apiToken(FakeKv.TOKEN)
                .keyPrefix("p/")
                .build();
    }

    @AfterEach
    void stop() {
        driver.close();
        fake.close();
    }

    @Test
    void everyVerb_ofOneThread_isOneRequest() {
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
        assertThat(fake.kinds()).containsExactly("METADATA", "METADATA");
        driver.delete("k");
        assertThat(fake.kinds()).containsExactly("DELETE");
        assertThat(driver.get("k")).isEmpty();
        assertThat(driver.head("k")).isEmpty();
        assertThat(driver.has("k")).isFalse();
        assertThat(fake.kinds()).containsExactly("GET", "METADATA", "METADATA");
    }

    @Test
    void put_sendsValueAndHeadAsTheApiWantsThem() throws IOException {
        byte[] packument = RealPackuments.gzip("wrappy");
        EntryMetadata head = Values.head(packument).toBuilder()
                .body("gzip", packument.length, Values.head(packument).integrity())
                .build();
        driver.put("v1:packument:npm:777261707079", head, Body.of(packument));
        Asked put = fake.seen().get(0);
        assertThat(put.method()).isEqualTo("PUT");
        assertThat(put.uri().getRawPath())
                .isEqualTo("/client/v4/accounts/" + FakeKv.ACCOUNT + "/storage/kv/namespaces/" + FakeKv.NAMESPACE
                        + "/values/p%2Fv1%3Apackument%3Anpm%3A777261707079");
        assertThat(put.headers()).containsEntry("authorization", "Bearer " + FakeKv.TOKEN);
        Item item = stored("v1:packument:npm:777261707079");
        assertThat(KvValue.head(item.metadata())).contains(head);
        assertThat(Values.bytes(driver, "v1:packument:npm:777261707079")).isEqualTo(packument);
    }

    private Item stored(String key) {
        return Objects.requireNonNull(fake.items().get("p/" + key), key);
    }

    @Test
    void headTooLargeForMetadata_isReadFromTheValue() {
        byte[] bytes = Values.random(2, 3_000);
        EntryMetadata large = Values.largeHead(bytes);
        for (Runnable write : List.<Runnable>of(
                () -> driver.put("k", large, Body.of(bytes)),
                () -> driver.putBatch(Map.of("k", new StoredEntry(large, Body.of(bytes)))))) {
            write.run();
            assertThat(stored("k").metadata()).isNull();
            fake.seen();
            assertThat(driver.head("k")).contains(large);
            assertThat(fake.kinds()).containsExactly("METADATA", "GET");
            assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
        }
    }

    @Test
    void valueOfOthers_isABareBody_andOtherNamesAreNoKeys() {
        for (String name : List.of("p/v1:packument:npm:61", "p/a b", "q/k", "k")) {
            fake.items().put(name, new Item(Values.utf8("{}"), null));
        }
        fake.items().put("p/w", new Item(Values.utf8("[1]"), "{\"theirs\":1}"));
        assertThat(keys("", null)).containsExactly("v1:packument:npm:61", "w");
        assertThat(Values.bytes(driver, "v1:packument:npm:61")).isEqualTo(Values.utf8("{}"));
        assertThat(driver.head("w").orElseThrow().isBare()).isTrue();
        Map<String, StoredEntry> found = driver.getBatch(List.of("v1:packument:npm:61", "w", "absent"));
        assertThat(found.keySet()).containsExactly("v1:packument:npm:61", "w");
        found.values().forEach(entry -> assertThat(entry.head().isBare()).isTrue());
    }

    private List<String> keys(String prefix, @Nullable String startAfter) {
        try (Stream<String> keys = driver.list(prefix, startAfter)) {
            return keys.toList();
        }
    }

    @Test
    void entry_byDefault_isWhatAnEdgeWorkerReadsAsJson() throws IOException {
        byte[] packument = RealPackuments.gzip("wrappy");
        CacheKey key = CacheKey.packument(URI.create("https://registry.npmjs.com"), "wrappy");
        EntryMetadata head = Values.head(packument).toBuilder()
                .body("gzip", packument.length, Values.head(packument).integrity())
                .build();
        try (Cache plain = Cache.builder()
                        .driver(driver)
                        .format(EntryFormat.NATIVE)
                        .build();
                Cache cache = Cache.builder().driver(driver).build()) {
            driver.put(key.toString(), head, Body.of(packument));
            JsonNode document = plain.entry(key).orElseThrow().as(JsonNode.class);
            cache.set(key.toString(), plain.entry(key).orElseThrow());
            byte[] value = stored(key.toString()).value();
            JsonNode json = new ObjectMapper().readTree(value);
            assertThat(json.path("statusCode").asInt()).isEqualTo(200);
            assertThat(json.path("body")).isEqualTo(document);
            // As the JavaScript project writes it: without metadata.
            fake.items().put("p/" + key, new Item(value, null));
            assertThat(plain.entry(key).orElseThrow().as(JsonNode.class)).isEqualTo(document);
        }
    }

    @Test
    void putBatch_goesInRequestsOfTenThousand() {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        IntStream.range(0, 20_001).forEach(i -> entries.put("k" + i, Values.entry(Values.utf8("v" + i))));
        driver.putBatch(entries);
        assertThat(fake.kinds()).containsExactly("BULK-PUT", "BULK-PUT", "BULK-PUT");
        assertThat(fake.items()).hasSize(20_001);
        assertThat(driver.getBatch(List.of("k0", "k20000"))).hasSize(2);
        assertThat(keys("", null)).hasSize(20_001).isSortedAccordingTo(KeyOrder.UTF8);
        fake.seen();
        driver.deleteBatch(entries.keySet());
        assertThat(fake.kinds()).containsExactly("BULK-DELETE", "BULK-DELETE", "BULK-DELETE");
        assertThat(fake.items()).isEmpty();
    }

    @Test
    void putBatch_ofLargeValues_isCutBySize_andTheLargestGoAlone() {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        // In base64, twelve of them fill a request of 16 MiB.
        IntStream.range(0, 13).forEach(i -> entries.put("medium-" + i, Values.entry(Values.random(i, 1_000_000))));
        entries.put("large", Values.entry(Values.random(99, 5_000_000)));
        driver.putBatch(entries);
        assertThat(fake.kinds()).containsExactly("BULK-PUT", "PUT", "BULK-PUT");
        assertThat(driver.verify(VerifyOptions.dryRun()).verifiedContent()).isEqualTo(14);
    }

    @Test
    void getBatch_ofText_isOneRequestForAHundred() {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        IntStream.range(0, 250).forEach(i -> {
            byte[] bytes = Values.utf8("{\"n\":" + i + ",\"name\":\"é\"}");
            entries.put("k" + i, new StoredEntry(Values.bareHead(bytes), Body.of(bytes)));
        });
        driver.putBatch(entries);
        fake.seen();
        Map<String, StoredEntry> found = driver.getBatch(entries.keySet());
        assertThat(fake.kinds()).containsExactly("BULK-GET", "BULK-GET", "BULK-GET");
        assertThat(found.keySet()).containsExactlyElementsOf(entries.keySet());
        found.forEach((key, entry) -> {
            assertThat(entry.head()).isEqualTo(entries.get(key).head());
            assertThat(Values.bytes(entry)).isEqualTo(Values.bytes(entries.get(key)));
        });
    }

    /** Jackson's default limit for a string is 20,000,000 characters. */
    @Test
    void getBatch_ofTextAsLongAsAValueMayBe_isReadWhole() {
        byte[] bytes = new byte[KvValue.MAX_BYTES];
        Arrays.fill(bytes, (byte) 'x');
        fake.items().put("p/k", new Item(bytes, null));
        assertThat(Values.bytes(driver.getBatch(List.of("k")).get("k"))).isEqualTo(bytes);
        assertThat(fake.kinds()).containsExactly("BULK-GET");
    }

    @Test
    void getBatch_ofBytesThatAreNoText_readsThemAlone() {
        byte[] noText = Values.random(3, 1_000);
        byte[] likeText = Values.utf8("\ufffd");
        for (byte[] bytes : List.of(noText, likeText, Values.utf8("\0x"), new byte[0])) {
            fake.items().put("p/k", new Item(bytes, null));
            assertThat(Values.bytes(driver.getBatch(List.of("k")).get("k"))).isEqualTo(bytes);
        }
    }

    @Test
    void putsOfManyThreads_shareRequests() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        fake.passingAfter(() -> {
            held.countDown();
            await(release);
        });
        ExecutorService threads = Executors.newFixedThreadPool(101);
        try {
            List<Future<?>> puts = new ArrayList<>();
            puts.add(threads.submit(() -> Values.put(driver, "first", Values.utf8("1"))));
            assertThat(held.await(60, TimeUnit.SECONDS)).isTrue();
            IntStream.range(0, 100)
                    .forEach(i -> puts.add(threads.submit(() -> Values.put(driver, "k" + i, Values.utf8("v" + i)))));
            while (driver.waitingWrites() < 100) {
                Thread.onSpinWait();
            }
            assertThat(puts).noneMatch(Future::isDone);
            assertThat(fake.items()).isEmpty();
            release.countDown();
            for (Future<?> put : puts) {
                put.get(60, TimeUnit.SECONDS);
            }
        } finally {
            release.countDown();
            threads.shutdownNow();
        }
        assertThat(fake.kinds()).containsExactly("PUT", "BULK-PUT");
        assertThat(fake.items()).hasSize(101);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void value_over25MiB_isRefusedBeforeItIsSent() {
        byte[] bytes = new byte[KvValue.MAX_BYTES + 1];
        EntryMetadata head = EntryMetadata.bare(bytes.length, null, Instant.EPOCH);
        for (Runnable write : List.<Runnable>of(
                () -> driver.put("k", head, Body.of(bytes)),
                () -> driver.putBatch(Map.of("k", new StoredEntry(head, Body.of(bytes)))))) {
            assertThatThrownBy(write::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("The value of k is too large");
        }
        assertThat(fake.seen()).isEmpty();
    }

    @Test
    void damagedHead_isNoEntryAndNamesTheKey() {
        fake.items().put("p/torn", new Item(Values.utf8("{}"), "{\"allDocs\":{\"status\":\"x\"}}"));
        assertThatThrownBy(() -> driver.head("torn"))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("torn")
                .hasMessageContaining(FakeKv.NAMESPACE);
        byte[] magic = {0, 'a', 'l', 'l', 'd', 'o', 'c', 1, 0, 0, 1, 0, 'x'};
        fake.items().put("p/cut", new Item(magic, null));
        for (Runnable read : List.<Runnable>of(
                () -> driver.get("cut"), () -> driver.head("cut"), () -> driver.getBatch(List.of("cut")))) {
            assertThatThrownBy(read::run).isInstanceOf(IntegrityException.class).hasMessageContaining("truncated");
        }
    }

    @Test
    void listing_followsTheCursor_andLeavesOutWhatIsBeforeTheStart() {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        IntStream.range(1000, 3500).forEach(i -> entries.put("k" + i, Values.entry(Values.utf8("v"))));
        driver.putBatch(entries);
        fake.seen();
        try (Stream<String> keys = driver.list("k", null)) {
            assertThat(keys.limit(10)).hasSize(10);
        }
        assertThat(fake.kinds()).containsExactly("LIST");
        assertThat(keys("k", null)).containsExactlyElementsOf(entries.keySet());
        assertThat(fake.kinds()).containsExactly("LIST", "LIST", "LIST");
        assertThat(keys("k", "k3400")).hasSize(99).startsWith("k3401");
        assertThat(keys("k34", null)).hasSize(100);
    }
}
