package io.alldocs.cache;

import static io.alldocs.cache.Samples.EXPRESS;
import static io.alldocs.cache.Samples.notFound;
import static io.alldocs.cache.Samples.notModified;
import static io.alldocs.cache.Samples.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntrySource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests two caches on one store, as in two processes: one writes while the other waits for the origin. */
class CacheSharedStoreTest {
    private static final String FIRST = "{\"v\":1}";

    private final Samples.TestClock clock = new Samples.TestClock();
    private final MemoryStorageDriver driver = new MemoryStorageDriver();
    private final Deque<Runnable> background = new ArrayDeque<>();
    private final Cache slow = cache(driver);
    private final Cache other = cache(driver.share());

    private Cache cache(MemoryStorageDriver driver) {
        return Cache.builder()
                .driver(driver)
                .clock(clock)
                .format(EntryFormat.NATIVE)
                .executor(background::add)
                .build();
    }

    @BeforeEach
    void storeFirst() {
        store(slow, FIRST, "max-age=10, stale-while-revalidate=60");
        clock.advance(Duration.ofSeconds(20));
    }

    @AfterEach
    void close() {
        slow.close();
        other.close();
    }

    private static void store(Cache cache, String json, String lifetime) {
        CacheEntry entry = cache.fetch(
                EXPRESS,
                CacheMode.NO_CACHE,
                stored -> value(
                        cache.receiver(), json, "ETag", '"' + json.substring(5) + '"', "Cache-Control", lifetime));
        assertThat(entry.source()).isEqualTo(EntrySource.FETCHED);
    }

    private static String text(CacheEntry entry) throws IOException {
        return new String(Samples.gunzip(entry.rawBody().toByteArray()), StandardCharsets.UTF_8);
    }

    /**
     * Responses that arrive late: an outdated edge that confirms the old entry, and a 404 that keeps the body. Each is
     * combined with a new body of the same size and of another size.
     */
    static Stream<Arguments> lateAnswers() {
        return Stream.of("{\"v\":2}", "{\"v\":\"something longer\"}")
                .flatMap(second -> Stream.of(notModified("Cache-Control", "max-age=99"), notFound())
                        .map(late -> Arguments.of(second, late)));
    }

    @ParameterizedTest
    @MethodSource("lateAnswers")
    void fetch_answerAboutABodyThatWasReplacedMeanwhile_leavesTheNewOne(String second, Loaded late) throws IOException {
        CacheEntry entry = slow.fetch(EXPRESS, CacheMode.NO_CACHE, stored -> {
            store(other, second, "max-age=300");
            return late;
        });
        assertThat(entry.source()).isEqualTo(EntrySource.HIT);
        assertThat(entry.status()).isEqualTo(200);
        assertThat(text(entry)).isEqualTo(second);
        for (Cache cache : new Cache[] {slow, other}) {
            CacheEntry kept = cache.entry(EXPRESS).orElseThrow();
            assertThat(kept.head()).isEqualTo(entry.head());
            assertThat(text(kept)).isEqualTo(second);
        }
    }

    @Test
    void fetch_confirmedEntryThatWasDeletedMeanwhile_isStoredAgain() throws IOException {
        CacheEntry entry = slow.fetch(EXPRESS, CacheMode.NO_CACHE, stored -> {
            other.delete(EXPRESS.toString());
            return notModified();
        });
        assertThat(entry.source()).isEqualTo(EntrySource.REVALIDATED);
        assertThat(text(other.entry(EXPRESS).orElseThrow())).isEqualTo(FIRST);
    }

    @Test
    void fetch_storeThatShowsAnOlderBody_isGivenTheConfirmedOne() throws IOException {
        var older = driver.get(EXPRESS.toString()).orElseThrow();
        store(slow, "{\"v\":2}", "max-age=300");
        CacheEntry entry = slow.fetch(EXPRESS, CacheMode.NO_CACHE, stored -> {
            driver.put(EXPRESS.toString(), older.head(), older.body());
            return notModified();
        });
        assertThat(entry.source()).isEqualTo(EntrySource.REVALIDATED);
        assertThat(text(other.entry(EXPRESS).orElseThrow())).isEqualTo("{\"v\":2}");
    }

    @Test
    void refresh_entryWrittenWhileItWaitedForAThread_doesNotAskAgain() throws IOException {
        CacheEntry stale = slow.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
            throw new AssertionError("what is stored is fresh by now");
        });
        assertThat(stale.source()).isEqualTo(EntrySource.STALE);
        store(slow, "{\"v\":2}", "max-age=300");
        background.remove().run();
        assertThat(text(slow.entry(EXPRESS).orElseThrow())).isEqualTo("{\"v\":2}");
    }

    @Test
    void refresh_entryWrittenAndOldAgain_revalidatesTheNewOne() {
        CacheEntry stale = slow.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
            assertThat(stored.orElseThrow().headers()).containsEntry("etag", "\"2}\"");
            return notModified("Cache-Control", "max-age=99");
        });
        assertThat(stale.source()).isEqualTo(EntrySource.STALE);
        store(slow, "{\"v\":2}", "max-age=1");
        clock.advance(Duration.ofSeconds(2));
        background.remove().run();
        CacheEntry entry = slow.entry(EXPRESS).orElseThrow();
        assertThat(entry.headers()).containsEntry("cache-control", "max-age=99").containsEntry("etag", "\"2}\"");
    }
}
