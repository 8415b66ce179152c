package io.alldocs.cache;

import static io.alldocs.cache.Samples.EXPRESS;
import static io.alldocs.cache.Samples.REGISTRY;
import static io.alldocs.cache.Samples.REPLICA;
import static io.alldocs.cache.Samples.head;
import static io.alldocs.cache.Samples.notFound;
import static io.alldocs.cache.Samples.notModified;
import static io.alldocs.cache.Samples.utf8;
import static io.alldocs.cache.Samples.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.Env;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.BodyTooLargeException;
import io.alldocs.cache.body.ByteBudget;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.internal.json.Json;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CacheTest {
    private static final String FRESH_FIVE_MINUTES = "max-age=300";

    private final Samples.TestClock clock = new Samples.TestClock();
    private final MemoryStorageDriver driver = new MemoryStorageDriver();
    private final Deque<Runnable> background = new ArrayDeque<>();
    private Cache cache = cache(EntryFormat.NATIVE, background::add);

    /** Responses of the origin, in order. The arguments of the loader are recorded. */
    private final Deque<Loaded> answers = new ArrayDeque<>();

    private final List<Optional<EntryMetadata>> asked = new ArrayList<>();

    @TempDir
    Path folder;

    private Cache cache(EntryFormat format, Executor executor) {
        return Cache.builder()
                .driver(driver)
                .clock(clock)
                .format(format)
                .executor(executor)
                .build();
    }

    @AfterEach
    void close() {
        cache.close();
    }

    private Loaded load(Optional<EntryMetadata> stored) {
        asked.add(stored);
        Loaded answer = answers.poll();
        if (answer == null) {
            throw new AssertionError("the origin must receive no request");
        }
        return answer;
    }

    private CacheEntry fetch(CacheMode mode) {
        return cache.fetch(EXPRESS, mode, this::load);
    }

    private Loaded.Value answer(String json, String... headers) {
        return value(cache.receiver(), json, headers);
    }

    /** Stores one entry, as a first fetch does. */
    private void given(String json, String... headers) {
        answers.add(answer(json, headers));
        assertThat(fetch(CacheMode.DEFAULT).source()).isEqualTo(EntrySource.FETCHED);
        asked.clear();
    }

    private void age(Duration duration) {
        clock.advance(duration);
    }

    private static void assertEntry(CacheEntry entry, EntrySource source, String json) {
        assertThat(entry.source()).isEqualTo(source);
        assertThat(entry.json()).isEqualTo(JsonTree.parse(json));
    }

    // ---- mode default

    @ParameterizedTest
    @EnumSource(EntryFormat.class)
    void fetch_absent_loadsAndStores(EntryFormat format) throws IOException {
        cache = cache(format, background::add);
        answers.add(answer("{\"v\":1}", "ETag", "\"1\"", "Content-Type", "application/json"));
        CacheEntry entry = fetch(CacheMode.DEFAULT);
        assertEntry(entry, EntrySource.FETCHED, "{\"v\":1}");
        assertThat(asked).containsExactly(Optional.empty());
        assertThat(entry.status()).isEqualTo(200);
        assertThat(entry.headers()).containsEntry("etag", "\"1\"").containsEntry("content-type", "application/json");
        assertThat(entry.storedAt()).isEqualTo(clock.instant());
        assertThat(entry.encoding()).contains("gzip");
        assertThat(entry.integrity()).contains(Integrity.sriOf(entry.rawBody().toByteArray()));
        CacheEntry again = cache.entry(EXPRESS).orElseThrow();
        assertThat(again.json()).isEqualTo(entry.json());
        assertThat(again.headers()).isEqualTo(entry.headers());
        assertThat(again.head().form()).isEqualTo("full");
        assertThat(again.head().url()).isEqualTo("https://registry.npmjs.com/express");
        assertThat(cache.head(EXPRESS)).contains(again.head());
    }

    @ParameterizedTest
    @EnumSource(EntryFormat.class)
    void fetch_fresh_answersFromTheStore(EntryFormat format) {
        cache = cache(format, background::add);
        given("{\"v\":1}", "Cache-Control", FRESH_FIVE_MINUTES);
        age(Duration.ofSeconds(299));
        CacheEntry entry = fetch(CacheMode.DEFAULT);
        assertEntry(entry, EntrySource.HIT, "{\"v\":1}");
        assertThat(entry.isFresh(clock)).isTrue();
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(EntryFormat.class)
    void fetch_staleAndNotModified_keepsTheBodyAndMergesHeaders(EntryFormat format) {
        cache = cache(format, background::add);
        given(
                "{\"v\":1}",
                "Cache-Control",
                FRESH_FIVE_MINUTES,
                "ETag",
                "\"1\"",
                "Content-Type",
                "application/json",
                "Age",
                "100");
        Instant storedAt = clock.instant();
        age(Duration.ofSeconds(200));
        answers.add(notModified("Cache-Control", "max-age=600", "Content-Type", "text/html", "Content-Length", "0"));
        CacheEntry entry = fetch(CacheMode.DEFAULT);
        assertEntry(entry, EntrySource.REVALIDATED, "{\"v\":1}");
        assertThat(asked.get(0).orElseThrow().headers()).containsEntry("etag", "\"1\"");
        assertThat(entry.status()).isEqualTo(200);
        assertThat(entry.headers())
                .containsEntry("cache-control", "max-age=600")
                .containsEntry("content-type", "application/json")
                .doesNotContainKeys("age", "content-length");
        assertThat(entry.storedAt()).isEqualTo(storedAt);
        assertThat(entry.head().validatedAt()).isEqualTo(clock.instant());
        age(Duration.ofSeconds(599));
        assertThat(fetch(CacheMode.DEFAULT).source()).isEqualTo(EntrySource.HIT);
        age(Duration.ofSeconds(1));
        answers.add(notModified());
        assertThat(fetch(CacheMode.DEFAULT).source()).isEqualTo(EntrySource.REVALIDATED);
    }

    /** Tests entries that a machine with a wrong clock left in a shared store. */
    @Test
    void fetch_entryOfAClockThatWasAhead_isLoadedAndCorrected() {
        age(Duration.ofDays(1_000));
        given("{\"v\":1}", "ETag", "\"1\"", "Cache-Control", FRESH_FIVE_MINUTES);
        age(Duration.ofDays(-1_000));

        answers.add(notModified());
        assertThat(fetch(CacheMode.DEFAULT).source()).isEqualTo(EntrySource.REVALIDATED);
        assertThat(fetch(CacheMode.DEFAULT).source()).isEqualTo(EntrySource.HIT);
        age(Duration.ofMinutes(5));
        answers.add(new Loaded.HeadOnly(EntryMetadata.builder()
                .status(404)
                .lifetime(Duration.ofMinutes(1))
                .build()));
        fetch(CacheMode.DEFAULT);

        EntryMetadata head = cache.head(EXPRESS).orElseThrow();
        assertThat(head.validatedAt()).isEqualTo(clock.instant());
        assertThat(head.storedAt()).isEqualTo(clock.instant().minusSeconds(300));
    }

    @Test
    void fetch_staleAndChanged_replacesTheEntry() {
        given("{\"v\":1}", "ETag", "\"1\"");
        age(Duration.ofSeconds(1));
        answers.add(answer("{\"v\":2}", "ETag", "\"2\"", "Cache-Control", FRESH_FIVE_MINUTES));
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.FETCHED, "{\"v\":2}");
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.HIT, "{\"v\":2}");
        assertThat(cache.entry(EXPRESS).orElseThrow().storedAt()).isEqualTo(clock.instant());
    }

    @Test
    void fetch_wholeAnswerWithTheSameEtag_countsAsRevalidatedAndRewritesTheHeadOnly() {
        given("{\"v\":1}", "ETag", "W/\"1\"");
        Body before = driver.get(EXPRESS.toString()).orElseThrow().body();
        age(Duration.ofSeconds(10));
        answers.add(answer("{\"v\":1}", "ETag", "\"1\"", "Cache-Control", FRESH_FIVE_MINUTES));
        CacheEntry entry = fetch(CacheMode.DEFAULT);
        assertEntry(entry, EntrySource.REVALIDATED, "{\"v\":1}");
        StoredEntry after = driver.get(EXPRESS.toString()).orElseThrow();
        assertThat(after.body()).isSameAs(before);
        assertThat(after.head().validatedAt()).isEqualTo(clock.instant());
        assertThat(after.head().headers()).containsEntry("cache-control", FRESH_FIVE_MINUTES);
    }

    @Test
    void fetch_headOnly_keepsTheGoodBodyWithTheNewHead() {
        given("{\"v\":1}", "ETag", "\"1\"");
        Instant storedAt = clock.instant();
        age(Duration.ofSeconds(10));
        answers.add(notFound("Cache-Control", FRESH_FIVE_MINUTES));
        CacheEntry gone = fetch(CacheMode.DEFAULT);
        assertThat(gone.status()).isEqualTo(404);
        assertThat(gone.head().outcome()).isEqualTo("not_found");
        assertEntry(gone, EntrySource.FETCHED, "{\"v\":1}");
        CacheEntry stored = fetch(CacheMode.DEFAULT);
        assertThat(stored.status()).isEqualTo(404);
        assertThat(stored.headers()).doesNotContainKey("etag");
        assertThat(stored.storedAt()).isEqualTo(storedAt);
        assertEntry(stored, EntrySource.HIT, "{\"v\":1}");
    }

    @Test
    void fetch_headOnlyWhenReloading_keepsTheGoodBodyToo() {
        given("{\"v\":1}");
        answers.add(notFound());
        assertEntry(fetch(CacheMode.RELOAD), EntrySource.FETCHED, "{\"v\":1}");
        assertThat(asked).containsExactly(Optional.empty());
        assertThat(cache.head(EXPRESS).orElseThrow().status()).isEqualTo(404);
    }

    @ParameterizedTest
    @EnumSource(EntryFormat.class)
    void fetch_headOnlyWithNothingStored_storesAnEntryWithoutABody(EntryFormat format) throws IOException {
        cache = cache(format, background::add);
        answers.add(notFound("Cache-Control", FRESH_FIVE_MINUTES));
        assertThat(fetch(CacheMode.DEFAULT).rawBody().sizeBytes()).isZero();
        CacheEntry stored = fetch(CacheMode.DEFAULT);
        assertThat(stored.source()).isEqualTo(EntrySource.HIT);
        assertThat(stored.status()).isEqualTo(404);
        assertThat(stored.head().outcome()).isEqualTo("not_found");
        assertThat(stored.bodyStream().readAllBytes()).isEmpty();
        assertThatThrownBy(stored::json).isInstanceOf(IntegrityException.class);
        age(Duration.ofHours(1));
        answers.add(answer("{\"v\":1}"));
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.FETCHED, "{\"v\":1}");
    }

    @Test
    void fetch_withinStaleWhileRevalidate_servesStaleAndRefreshesBehind() {
        given("{\"v\":1}", "Cache-Control", "max-age=10, stale-while-revalidate=60", "ETag", "\"1\"");
        age(Duration.ofSeconds(69));
        answers.add(answer("{\"v\":2}", "Cache-Control", "max-age=10"));
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.STALE, "{\"v\":1}");
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.STALE, "{\"v\":1}");
        assertThat(background).as("one refresh, however many callers").hasSize(1);
        background.remove().run();
        assertThat(asked.get(0).orElseThrow().headers()).containsEntry("etag", "\"1\"");
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.HIT, "{\"v\":2}");
    }

    @Test
    void fetch_afterStaleWhileRevalidate_waitsForTheOrigin() {
        given("{\"v\":1}", "Cache-Control", "max-age=10, stale-while-revalidate=60");
        age(Duration.ofSeconds(70));
        answers.add(answer("{\"v\":2}"));
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.FETCHED, "{\"v\":2}");
        assertThat(background).isEmpty();
    }

    @Test
    void fetch_refreshThatFails_leavesTheEntryAndMayBeTriedAgain() {
        given("{\"v\":1}", "Cache-Control", "max-age=10, stale-while-revalidate=60");
        age(Duration.ofSeconds(20));
        Loader failing = stored -> {
            throw new IllegalArgumentException("503");
        };
        assertThat(cache.fetch(EXPRESS, CacheMode.DEFAULT, failing).source()).isEqualTo(EntrySource.STALE);
        background.remove().run();
        assertThat(cache.fetch(EXPRESS, CacheMode.DEFAULT, failing).source()).isEqualTo(EntrySource.STALE);
        assertThat(background).hasSize(1);
    }

    @Test
    void fetch_entryWithALifetime_livesThatLong() {
        Loaded.Value loaded = answer("{\"v\":1}", "Cache-Control", "must-revalidate");
        answers.add(new Loaded.Value(
                loaded.head().toBuilder().lifetime(Duration.ofHours(1)).build(), loaded.body()));
        fetch(CacheMode.DEFAULT);
        age(Duration.ofMinutes(59));
        assertThat(fetch(CacheMode.DEFAULT).source()).isEqualTo(EntrySource.HIT);
        age(Duration.ofMinutes(1));
        answers.add(answer("{\"v\":2}"));
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.FETCHED, "{\"v\":2}");
    }

    @Test
    void fetch_loaderFails_itsErrorArrivesAsItIsAndTheEntryStays() {
        given("{\"v\":1}");
        IllegalStateException error = new IllegalStateException("origin down");
        assertThatThrownBy(() -> cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
                    throw error;
                }))
                .isSameAs(error);
        assertEntry(fetch(CacheMode.FORCE_CACHE), EntrySource.STALE, "{\"v\":1}");
    }

    @Test
    void fetch_notModifiedWithNothingStored_isTheLoadersMistake() {
        answers.add(notModified());
        assertThatThrownBy(() -> fetch(CacheMode.DEFAULT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(EXPRESS.toString());
    }

    @Test
    void fetch_storeFails_saysSoAndFreesTheBody() {
        ByteBudget budget = ByteBudget.of(1 << 20);
        BodyReceiver receiver = new BodyReceiver(budget, folder, 1 << 20);
        StorageException full = new StorageException("disk full", false, null);
        FailingDriver failing = new FailingDriver(full);
        try (Cache broken = Cache.builder().driver(failing).receiver(receiver).build()) {
            assertThatThrownBy(() -> broken.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(receiver, "{}")))
                    .isSameAs(full);
        }
        assertThat(budget.availableBytes()).isEqualTo(1 << 20);
    }

    @Test
    void fetch_afterLoading_givesTheBudgetBack() {
        ByteBudget budget = ByteBudget.of(1 << 20);
        BodyReceiver receiver = new BodyReceiver(budget, folder, 1 << 20);
        try (Cache small = Cache.builder().receiver(receiver).build()) {
            CacheEntry entry =
                    small.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(receiver, "{\"v\":1}", "ETag", "\"1\""));
            assertThat(budget.availableBytes()).isEqualTo(1 << 20);
            assertEntry(entry, EntrySource.FETCHED, "{\"v\":1}");
            small.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(receiver, "{\"v\":1}", "ETag", "\"1\""));
            assertThat(budget.availableBytes()).isEqualTo(1 << 20);
            small.fetch(EXPRESS, CacheMode.NO_STORE, stored -> value(receiver, "{\"v\":1}"));
            assertThat(budget.availableBytes()).isEqualTo(1 << 20);
        }
    }

    @Test
    void fetch_spooledBody_isReadableAfterStoring() {
        BodyReceiver receiver = new BodyReceiver(ByteBudget.of(0), folder, 1 << 20);
        try (Cache small = Cache.builder().driver(driver).receiver(receiver).build()) {
            CacheEntry entry = small.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(receiver, "{\"v\":1}"));
            assertEntry(entry, EntrySource.FETCHED, "{\"v\":1}");
            assertEntry(small.fetch(EXPRESS, CacheMode.FORCE_CACHE, this::load), EntrySource.STALE, "{\"v\":1}");
        }
    }

    // ---- the other modes

    @Test
    void fetch_noStore_neitherReadsNorWrites() {
        given("{\"v\":1}", "Cache-Control", FRESH_FIVE_MINUTES);
        answers.add(answer("{\"v\":2}"));
        assertEntry(fetch(CacheMode.NO_STORE), EntrySource.FETCHED, "{\"v\":2}");
        assertThat(asked).containsExactly(Optional.empty());
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.HIT, "{\"v\":1}");
        answers.add(notFound());
        assertThat(fetch(CacheMode.NO_STORE).status()).isEqualTo(404);
    }

    @Test
    void fetch_reload_loadsWithoutValidatorsAndStores() {
        given("{\"v\":1}", "Cache-Control", FRESH_FIVE_MINUTES, "ETag", "\"1\"");
        answers.add(answer("{\"v\":2}", "Cache-Control", FRESH_FIVE_MINUTES, "ETag", "\"1\""));
        assertEntry(fetch(CacheMode.RELOAD), EntrySource.FETCHED, "{\"v\":2}");
        assertThat(asked).containsExactly(Optional.empty());
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.HIT, "{\"v\":2}");
    }

    @Test
    void fetch_noCache_revalidatesWhatIsFresh() {
        given("{\"v\":1}", "Cache-Control", FRESH_FIVE_MINUTES, "ETag", "\"1\"");
        answers.add(notModified());
        assertEntry(fetch(CacheMode.NO_CACHE), EntrySource.REVALIDATED, "{\"v\":1}");
        assertThat(asked.get(0).orElseThrow().headers()).containsEntry("etag", "\"1\"");
    }

    @Test
    void fetch_noCacheAbsent_loads() {
        answers.add(answer("{\"v\":1}"));
        assertEntry(fetch(CacheMode.NO_CACHE), EntrySource.FETCHED, "{\"v\":1}");
    }

    @Test
    void fetch_forceCache_answersHoweverOld() {
        given("{\"v\":1}");
        age(Duration.ofDays(1000));
        assertEntry(fetch(CacheMode.FORCE_CACHE), EntrySource.STALE, "{\"v\":1}");
    }

    @Test
    void fetch_forceCacheAbsent_loadsAndStores() {
        answers.add(answer("{\"v\":1}"));
        assertEntry(fetch(CacheMode.FORCE_CACHE), EntrySource.FETCHED, "{\"v\":1}");
        assertEntry(fetch(CacheMode.FORCE_CACHE), EntrySource.STALE, "{\"v\":1}");
    }

    @Test
    void fetch_onlyIfCached_answersOrFails() {
        assertThatThrownBy(() -> fetch(CacheMode.ONLY_IF_CACHED))
                .isInstanceOf(NotCachedException.class)
                .hasMessageContaining(EXPRESS.toString());
        given("{\"v\":1}");
        age(Duration.ofDays(1));
        assertEntry(fetch(CacheMode.ONLY_IF_CACHED), EntrySource.STALE, "{\"v\":1}");
    }

    // ---- forms

    @ParameterizedTest
    @EnumSource(EntryFormat.class)
    void fetch_entryOfAnotherForm_isAMiss(EntryFormat format) {
        cache = cache(format, background::add);
        Loaded.Value loaded = answer("{\"v\":1}", "Cache-Control", FRESH_FIVE_MINUTES);
        cache.set(
                EXPRESS.toString(),
                new CacheEntry(
                        loaded.head().toBuilder().form("abbreviated").build(), loaded.body(), EntrySource.FETCHED));
        answers.add(answer("{\"v\":2}"));
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.FETCHED, "{\"v\":2}");
        assertThat(asked).containsExactly(Optional.empty());
    }

    @Test
    void fetch_entryOfTheJavaScriptClient_countsByItsContentType() {
        String full =
                "{\"statusCode\":200,\"headers\":{\"content-type\":\"application/json\",\"cache-control\":\"max-age=300\"},\"body\":{\"v\":1},"
                        + "\"integrity\":null,\"timestamp\":" + clock.millis() + ",\"version\":1}";
        putBytes(EXPRESS.toString(), full);
        assertEntry(fetch(CacheMode.DEFAULT), EntrySource.HIT, "{\"v\":1}");
        putBytes(EXPRESS.toString(), full.replace("application/json", "application/vnd.npm.install-v1+json"));
        assertThatThrownBy(() -> fetch(CacheMode.ONLY_IF_CACHED)).isInstanceOf(NotCachedException.class);
        CacheKey abbreviated = CacheKey.abbreviated(REGISTRY, "express");
        putBytes(abbreviated.toString(), full.replace("application/json", "application/vnd.npm.install-v1+json"));
        assertEntry(cache.fetch(abbreviated, CacheMode.DEFAULT, this::load), EntrySource.HIT, "{\"v\":1}");
    }

    private void putBytes(String key, String text) {
        byte[] bytes = utf8(text);
        driver.put(key, EntryMetadata.bare(bytes.length, null, clock.instant()), Body.of(bytes));
    }

    @Test
    void fetch_jsonFormat_storesWhatAnEdgeWorkerReads() throws IOException {
        cache = cache(EntryFormat.JSON, background::add);
        given("{ \"v\" : [1, \"é\"] }", "ETag", "\"1\"");
        StoredEntry raw = driver.get(EXPRESS.toString()).orElseThrow();
        assertThat(raw.head().isBare()).isTrue();
        JsonNode json = Json.MAPPER.readTree(raw.body().toByteArray());
        assertThat(json.path("statusCode").asInt()).isEqualTo(200);
        assertThat(json.path("headers").path("etag").asText()).isEqualTo("\"1\"");
        assertThat(json.path("body")).hasToString("{\"v\":[1,\"é\"]}");
        assertThat(json.path("integrity").asText()).isEqualTo(Integrity.sriOf(utf8("{\"v\":[1,\"é\"]}")));
        assertThat(json.path("timestamp").asLong()).isEqualTo(clock.millis());
        assertThat(json.path("version").asInt()).isEqualTo(1);
    }

    @Test
    void fetch_eitherFormat_isReadByTheOther() {
        for (EntryFormat written : EntryFormat.values()) {
            for (EntryFormat reading : EntryFormat.values()) {
                driver.delete(EXPRESS.toString());
                cache = cache(written, background::add);
                given("{\"v\":1}", "ETag", "\"1\"");
                cache = cache(reading, background::add);
                assertEntry(fetch(CacheMode.FORCE_CACHE), EntrySource.STALE, "{\"v\":1}");
                answers.add(notModified());
                assertEntry(fetch(CacheMode.NO_CACHE), EntrySource.REVALIDATED, "{\"v\":1}");
                assertThat(driver.head(EXPRESS.toString()).orElseThrow().isBare())
                        .as("%s read by %s", written, reading)
                        .isEqualTo(reading == EntryFormat.JSON);
                assertThat(cache.head(EXPRESS).orElseThrow().form()).isEqualTo("full");
            }
        }
    }

    @Test
    void fetch_jsonFormatAndABodyThatIsNoJson_isStoredNatively() throws IOException {
        cache = cache(EntryFormat.JSON, background::add);
        given("<html>");
        assertThat(fetch(CacheMode.FORCE_CACHE).bodyStream().readAllBytes()).isEqualTo(utf8("<html>"));
    }

    // ---- user values

    @Test
    void set_anyValue_comesBackAsItsType() {
        record Point(int x, List<String> names) {}
        cache.set("v1:mine:point", new Point(1, List.of("a", "é")));
        assertThat(cache.get("v1:mine:point", Point.class)).contains(new Point(1, List.of("a", "é")));
        assertThat(cache.get("v1:mine:point", Map.class)).contains(Map.of("x", 1, "names", List.of("a", "é")));
        assertThat(cache.get("v1:mine:point", JsonTree.class))
                .contains(JsonTree.parse("{\"x\":1,\"names\":[\"a\",\"é\"]}"));
        assertThat(cache.get("absent", JsonTree.class)).isEmpty();
        assertThat(cache.has("v1:mine:point")).isTrue();
        assertThatThrownBy(() -> cache.get("v1:mine:point", Integer.class))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("v1:mine:point")
                .hasMessageContaining("Integer");
        cache.delete("v1:mine:point");
        assertThat(cache.has("v1:mine:point")).isFalse();
        assertThatThrownBy(() -> cache.set("x", new Object())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void set_valueThatLooksLikeAnEntry_staysAValue() {
        Map<String, Object> value =
                Map.of("statusCode", 200, "headers", Map.of(), "body", Map.of("a", 1), "version", 1);
        cache.set("mine", value);
        assertThat(cache.get("mine", Map.class)).contains(value);
    }

    @Test
    void set_entry_isStoredAsTheEntryItIs() {
        given("{\"v\":1}", "ETag", "\"1\"");
        CacheEntry entry = cache.entry(EXPRESS).orElseThrow();
        CacheKey copy = CacheKey.packument(REGISTRY, "copy");
        cache.set(copy.toString(), entry);
        assertThat(cache.entry(copy).orElseThrow().head()).isEqualTo(entry.head());
        assertThat(cache.get(copy.toString(), CacheEntry.class).orElseThrow().json())
                .isEqualTo(JsonTree.parse("{\"v\":1}"));
        assertThat(cache.get(copy.toString(), JsonTree.class)).contains(JsonTree.parse("{\"v\":1}"));
    }

    @Test
    void keys_prefix_listsInOrder() {
        for (String name : List.of("b", "a", "c")) {
            cache.set(CacheKey.packument(REGISTRY, name).toString(), Map.of());
        }
        cache.set(CacheKey.partition(REPLICA, "a", "b").toString(), Map.of());
        try (Stream<String> keys = cache.keys(CacheKey.prefix(CacheKey.Kind.PACKUMENT, REGISTRY))) {
            assertThat(keys).containsExactly("v1:packument:npm:61", "v1:packument:npm:62", "v1:packument:npm:63");
        }
    }

    // ---- memory tier

    @Test
    void memoryTier_hit_doesNotAskTheDriver() {
        CountingDriver counting = new CountingDriver();
        try (Cache tiered = Cache.builder()
                .driver(counting)
                .clock(clock)
                .memoryBytes(1 << 20)
                .build()) {
            tiered.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(tiered.receiver(), "{\"v\":1}"));
            tiered.entry(EXPRESS);
            int gets = counting.gets;
            for (int i = 0; i < 10; i++) {
                assertEntry(tiered.fetch(EXPRESS, CacheMode.FORCE_CACHE, this::load), EntrySource.STALE, "{\"v\":1}");
            }
            assertThat(counting.gets).isEqualTo(gets);
            tiered.fetch(EXPRESS, CacheMode.RELOAD, stored -> value(tiered.receiver(), "{\"v\":2}"));
            assertEntry(tiered.fetch(EXPRESS, CacheMode.FORCE_CACHE, this::load), EntrySource.STALE, "{\"v\":2}");
            tiered.delete(EXPRESS.toString());
            assertThat(tiered.entry(EXPRESS)).isEmpty();

            tiered.fetch(EXPRESS, CacheMode.RELOAD, stored -> value(tiered.receiver(), "{\"v\":3}"));
            tiered.set("kept", 1);
            tiered.entry(EXPRESS);
            tiered.deleteAll(List.of(EXPRESS.toString(), "absent"));
            assertThat(tiered.entry(EXPRESS)).isEmpty();
            try (Stream<String> keys = tiered.keys("", "a")) {
                assertThat(keys).containsExactly("kept");
            }
            assertThat(tiered.capabilities()).isEqualTo(counting.capabilities());
        }
    }

    @Test
    void memoryTier_bound_holdsInBytes() {
        CountingDriver counting = new CountingDriver();
        try (Cache tiered =
                Cache.builder().driver(counting).memoryBytes(64 << 10).build()) {
            for (int i = 0; i < 500; i++) {
                CacheKey key = CacheKey.packument(REGISTRY, "p" + i);
                tiered.fetch(key, CacheMode.DEFAULT, stored -> value(tiered.receiver(), "{\"v\":1}"));
                tiered.entry(key);
            }
            int before = counting.gets;
            for (int i = 0; i < 500; i++) {
                tiered.entry(CacheKey.packument(REGISTRY, "p" + i));
            }
            assertThat(counting.gets - before)
                    .as("64 KiB hold fewer than 64 entries of more than 1 KiB")
                    .isGreaterThan(436);
        }
    }

    @Test
    void memoryTier_default_isOff() {
        CountingDriver counting = new CountingDriver();
        try (Cache plain = Cache.builder().driver(counting).build()) {
            plain.entry(EXPRESS);
            plain.entry(EXPRESS);
            assertThat(counting.gets).isEqualTo(2);
        }
    }

    // ---- environment and close

    @Test
    void build_fromEnvironment_readsEveryVariable() {
        Env env = Env.of(Map.of(
                "STORAGE_DRIVER",
                "memory",
                "ENTRY_FORMAT",
                "json",
                "CACHE_MEMORY_BYTES",
                "1000000",
                "BODY_MAX_DECODED_BYTES",
                "10"));
        Cache configured = Cache.builder().env(env).build();
        assertThat(configured.driver().name()).isEqualTo("memory");
        assertThatThrownBy(() -> value(configured.receiver(), "{\"longer\":\"than ten\"}"))
                .isInstanceOf(BodyTooLargeException.class);
        configured.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(configured.receiver(), "{}"));
        assertThat(configured.driver().head(EXPRESS.toString()).orElseThrow().isBare())
                .isTrue();
        configured.close();
        assertThatThrownBy(() -> configured.driver().has("x")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Cache.builder()
                        .env(Env.of(Map.of("STORAGE_DRIVER", "memory", "ENTRY_FORMAT", "xml")))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ENTRY_FORMAT");
        assertThatThrownBy(() -> Cache.builder()
                        .env(Env.of(Map.of("STORAGE_DRIVER", "memory", "CACHE_MEMORY_BYTES", "-1")))
                        .build())
                .hasMessageContaining("CACHE_MEMORY_BYTES");
    }

    @Test
    void close_sharedDriver_staysOpen() {
        cache.close();
        cache.close();
        assertThat(driver.has("x")).isFalse();
        assertThatThrownBy(() -> cache.entry(EXPRESS)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> fetch(CacheMode.DEFAULT)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cache.set("x", 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void head_ofAnAnswer_isStampedByTheCache() {
        Instant wrong = Instant.parse("1999-01-01T00:00:00Z");
        answers.add(new Loaded.HeadOnly(head(404)
                .storedAt(wrong)
                .validatedAt(wrong)
                .body("gzip", 5, "sha256-AAAA")
                .build()));
        EntryMetadata head = fetch(CacheMode.DEFAULT).head();
        assertThat(head.storedAt()).isEqualTo(clock.instant());
        assertThat(head.validatedAt()).isEqualTo(clock.instant());
        assertThat(head.sizeBytes()).isZero();
        assertThat(head.encoding()).isNull();
    }
}
