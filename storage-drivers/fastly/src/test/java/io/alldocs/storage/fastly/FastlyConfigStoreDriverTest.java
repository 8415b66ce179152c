package io.alldocs.storage.fastly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.JsonTree;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.UnsupportedStorageOperationException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.FakeFastly;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FastlyConfigStoreDriverTest {
    private FakeFastly fake;
    private FastlyConfigStoreDriver configStore;
    private FastlyConfigStoreDriver dictionary;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeFastly();
        configStore = made(FastlyConfigStoreDriver.configStore(FakeFastly.CONFIG_STORE));
        dictionary = made(FastlyConfigStoreDriver.dictionary(FakeFastly.SERVICE, FakeFastly.DICTIONARY));
    }

    private FastlyConfigStoreDriver made(FastlyConfigStoreDriver.Builder builder) {
        return builder.endpoint(fake.endpoint())
                .token(FakeFastly.TOKEN)
                .maxAttempts(2)
                .retryDelay(Duration.ofMillis(1))
                .build();
    }

    @AfterEach
    void stop() {
        configStore.close();
        dictionary.close();
        fake.close();
    }

    private List<FastlyConfigStoreDriver> both() {
        return List.of(configStore, dictionary);
    }

    @Test
    void get_item_isABareBodyInOneRequest() {
        fake.config().put("v1:packument:npm:61", "{\"ü\":1}");
        for (StorageDriver driver : both()) {
            StoredEntry entry = driver.get("v1:packument:npm:61").orElseThrow();
            assertThat(Values.bytes(entry)).isEqualTo(Values.utf8("{\"ü\":1}"));
            assertThat(entry.head().isBare()).isTrue();
            assertThat(entry.head().storedAt()).isEqualTo(Instant.parse("2023-03-02T16:24:03Z"));
            assertThat(driver.head("v1:packument:npm:61")).contains(entry.head());
            assertThat(driver.has("v1:packument:npm:61")).isTrue();
            assertThat(fake.kinds()).containsExactly("GET", "GET", "GET");
            assertThat(driver.get("a/b c")).isEmpty();
            assertThat(fake.kinds()).containsExactly("GET");
        }
    }

    @Test
    void entry_thatTheJavaScriptProjectCouldRead_isRead() {
        byte[] document = Values.utf8("{\"rows\":[]}");
        CacheKey key = CacheKey.parse("v1:partition:npm:61:62");
        try (MemoryStorageDriver memory = new MemoryStorageDriver();
                Cache writer =
                        Cache.builder().driver(memory).format(EntryFormat.JSON).build();
                Cache plain = Cache.builder().driver(memory).build();
                Cache reader = Cache.builder().driver(configStore).build()) {
            memory.put(key.toString(), Values.head(document), Body.of(document));
            writer.set(key.toString(), plain.entry(key).orElseThrow());
            fake.config().put(key.toString(), new String(Values.bytes(memory, key.toString()), StandardCharsets.UTF_8));
            JsonTree read = reader.entry(key).orElseThrow().json();
            assertThat(read.path("rows").isArray()).isTrue();
            assertThatThrownBy(() -> reader.set(key.toString(), Map.of("a", 1)))
                    .isInstanceOf(UnsupportedStorageOperationException.class);
        }
    }

    @Test
    void everyRead_proxyAnswersWithAPageOfItsOwn_mayBeRetried() {
        Map.of("text/html", "<html></html>", "application/json", "{}", "text/plain", "OK", "", "")
                .forEach((type, page) -> {
                    fake.interceptAll(type, page);
                    for (StorageDriver driver : both()) {
                        for (Runnable read : List.<Runnable>of(
                                () -> driver.get("k"),
                                () -> driver.head("k"),
                                () -> driver.has("k"),
                                () -> driver.getBatch(List.of("k")),
                                () -> driver.list("k", null).forEach(key -> {}))) {
                            StorageException e = catchThrowableOfType(StorageException.class, read::run);
                            assertThat(e)
                                    .as(type)
                                    .hasMessageContaining("driver fastly-config")
                                    .hasMessageContaining("the endpoint");
                            assertThat(e.retryable()).as("%s: %s", type, e).isTrue();
                        }
                    }
                });
    }

    /** The store itself may be missing too. The page that is the response to the second request does not show that. */
    @Test
    void get_absentKeyAndAPageInPlaceOfTheStore_isAnError() {
        for (StorageDriver driver : both()) {
            fake.passing().answering(200, Map.of("content-type", "application/json"), "{}");
            assertThatThrownBy(() -> driver.get("k"))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("without the description of a store");
        }
    }

    @Test
    void everyWritingMethod_isRefusedAndSaysWhy() {
        byte[] bytes = Values.utf8("{}");
        EntryMetadata head = Values.head(bytes);
        for (StorageDriver driver : both()) {
            assertThat(driver.capabilities().writable()).isFalse();
            assertThat(driver.capabilities().conditionalPut()).isFalse();
            assertThat(driver.capabilities().readAfterWrite()).isFalse();
            for (Runnable write : List.<Runnable>of(
                    () -> driver.put("k", head, Body.of(bytes)),
                    () -> driver.putHead("k", head),
                    () -> driver.putIfAbsent("k", head, Body.of(bytes)),
                    () -> driver.putBatch(Map.of("k", new StoredEntry(head, Body.of(bytes)))),
                    () -> driver.delete("k"),
                    () -> driver.deleteBatch(List.of("k")))) {
                assertThatThrownBy(write::run)
                        .isInstanceOf(UnsupportedStorageOperationException.class)
                        .hasMessageContaining(" k in " + driver)
                        .hasMessageContaining("driver fastly-config")
                        .hasMessageContaining("this driver is read-only")
                        .satisfies(e ->
                                assertThat(((StorageException) e).retryable()).isFalse());
            }
        }
        assertThat(fake.seen()).isEmpty();
    }

    @Test
    void list_inOrder_pageAfterPage() {
        TreeSet<String> keys = new TreeSet<>(KeyOrder.UTF8);
        for (int i = 0; i < 250; i++) {
            keys.add("k" + i);
        }
        keys.addAll(List.of("a", "é", "\uffff", "\ud83e\udd84"));
        keys.forEach(key -> fake.config().put(key, "{}"));
        assertThat(keys(configStore, "", null)).containsExactlyElementsOf(keys);
        assertThat(fake.seen()).hasSize(1);
        assertThat(keys(dictionary, "", null)).containsExactlyElementsOf(keys);
        assertThat(fake.seen()).hasSize(3);
        for (FastlyConfigStoreDriver driver : both()) {
            assertThat(keys(driver, "k24", "k240"))
                    .containsExactly("k241", "k242", "k243", "k244", "k245", "k246", "k247", "k248", "k249");
            assertThat(driver.getBatch(List.of("k1", "absent", "é")).keySet()).containsExactly("k1", "é");
            // Entries without a digest cannot be verified.
            assertThat(driver.verify(VerifyOptions.dryRun()).totalEntries()).isEqualTo(254);
        }
    }

    private static List<String> keys(StorageDriver driver, String prefix, String after) {
        try (Stream<String> keys = driver.list(prefix, after)) {
            return keys.toList();
        }
    }

    @Test
    void failures_areTypedAndNameTheStore() {
        for (FastlyConfigStoreDriver driver : both()) {
            fake.answering(503).answering(503);
            StorageException unavailable = failure(() -> driver.get("k"));
            assertThat(unavailable.retryable()).isTrue();
            fake.answering(401);
            StorageException refused = failure(() -> keys(driver, "k", null));
            assertThat(refused.retryable()).isFalse();
            assertThat(refused.getMessage()).contains("FASTLY_API_TOKEN");
            fake.cutting().cutting();
            StorageException cut = failure(() -> keys(driver, "k", null));
            assertThat(cut.retryable()).isTrue();
            for (StorageException e : List.of(unavailable, refused, cut)) {
                assertThat(e.getMessage())
                        .contains(" k in " + driver)
                        .contains("driver fastly-config")
                        .doesNotContain(FakeFastly.TOKEN);
            }
        }
    }

    private static StorageException failure(Runnable call) {
        return catchThrowableOfType(StorageException.class, call::run);
    }

    @Test
    void missingStore_isAnErrorNotAnAbsentKey() {
        for (FastlyConfigStoreDriver.Builder builder : List.of(
                FastlyConfigStoreDriver.configStore("nowhere"),
                FastlyConfigStoreDriver.dictionary(FakeFastly.SERVICE, "nowhere"))) {
            try (FastlyConfigStoreDriver nowhere = made(builder)) {
                for (Runnable call : List.<Runnable>of(
                        () -> nowhere.get("k"), () -> nowhere.has("k"), () -> keys(nowhere, "", null))) {
                    StorageException e = failure(call);
                    assertThat(e.retryable()).isFalse();
                    assertThat(e.getMessage()).contains("nowhere").contains("does not exist");
                }
            }
        }
    }

    @Test
    void everyMethod_afterClose_isRefused() {
        configStore.close();
        configStore.close();
        EntryMetadata head = Values.head(new byte[0]);
        for (Runnable call : List.<Runnable>of(
                () -> configStore.get("k"),
                () -> configStore.head("k"),
                () -> configStore.has("k"),
                () -> configStore.list("", null),
                () -> configStore.put("k", head, Body.of(new byte[0])),
                () -> configStore.delete("k"),
                () -> configStore.getBatch(List.of("k")))) {
            assertThatThrownBy(call::run).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> dictionary.get("x".repeat(257))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void builder_wrongId_isRefused() {
        for (Runnable wrong : List.<Runnable>of(
                () -> FastlyConfigStoreDriver.configStore("a/b"),
                () -> FastlyConfigStoreDriver.dictionary("", "b"),
                () -> FastlyConfigStoreDriver.dictionary("a", "b?c"),
                () -> FastlyConfigStoreDriver.configStore("a")
                        .endpoint(URI.create("https://api.example.com"))
                        .build())) {
            assertThatThrownBy(wrong::run).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
