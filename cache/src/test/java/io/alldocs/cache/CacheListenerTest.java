package io.alldocs.cache;

import static io.alldocs.cache.Samples.EXPRESS;
import static io.alldocs.cache.Samples.notModified;
import static io.alldocs.cache.Samples.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CacheListenerTest {
    private final Samples.TestClock clock = new Samples.TestClock();
    private final MemoryStorageDriver driver = new MemoryStorageDriver();
    private final List<String> events = new ArrayList<>();
    private final Cache cache = Cache.builder()
            .driver(driver)
            .clock(clock)
            .executor(Runnable::run)
            .listener(new Events())
            .build();

    @AfterEach
    void close() {
        cache.close();
    }

    @Test
    void fetch_eachSourceOfAResult_isReportedAndCounted() {
        CacheEntry first = cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> answer("max-age=60"));
        long size = first.head().sizeBytes();
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> answer("max-age=60"));
        clock.advance(Duration.ofSeconds(61));
        cache.fetch(EXPRESS, CacheMode.FORCE_CACHE, stored -> answer("max-age=60"));
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> notModified("cache-control", "max-age=60"));

        assertThat(events)
                .containsExactly(
                        "stored " + size, "FETCHED " + size, "HIT " + size, "STALE " + size, "REVALIDATED " + size);
        assertThat(cache.fetchCounts()).isEqualTo(new FetchCounts(1, 1, 1, 1, 0));
        assertThat(cache.fetchCounts().hitRatio()).hasValue(0.5);
    }

    @Test
    void fetch_staleWhileRevalidate_reportsTheResultAndTheRefresh() {
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> answer("max-age=60, stale-while-revalidate=60"));
        clock.advance(Duration.ofSeconds(61));
        events.clear();

        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(cache.receiver(), "{\"v\":22}"));

        assertThat(events).hasSize(2).first().asString().startsWith("stored ");
        assertThat(events).last().asString().startsWith("STALE ");
    }

    @Test
    void fetch_damagedEntry_isReportedBeforeItIsLoadedAgain() {
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> answer("max-age=60"));
        String key = EXPRESS.toString();
        EntryMetadata head = driver.head(key).orElseThrow();
        driver.put(key, head, Body.of(new byte[(int) head.sizeBytes()]));
        events.clear();

        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> answer("max-age=60"));

        assertThat(events).hasSize(3).first().isEqualTo("damaged");
    }

    @Test
    void fetch_failure_isReportedAndCounted() {
        assertThatThrownBy(() -> cache.fetch(EXPRESS, CacheMode.ONLY_IF_CACHED, stored -> answer("max-age=60")))
                .isInstanceOf(NotCachedException.class);
        assertThatThrownBy(() -> cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
                    throw new IllegalStateException("no network");
                }))
                .hasMessage("no network");

        assertThat(events).containsExactly("failed NotCachedException", "failed IllegalStateException");
        assertThat(cache.fetchCounts()).isEqualTo(new FetchCounts(0, 0, 0, 0, 2));
    }

    @Test
    void fetch_listenerThatThrows_answersAllTheSame() {
        try (Cache watched = Cache.builder()
                .driver(driver)
                .clock(clock)
                .listener(new Broken())
                .build()) {
            CacheEntry first = watched.fetch(EXPRESS, CacheMode.DEFAULT, stored -> answer("max-age=60"));
            assertThat(first.source()).isEqualTo(EntrySource.FETCHED);
            assertThat(watched.fetch(EXPRESS, CacheMode.DEFAULT, stored -> answer("max-age=60"))
                            .source())
                    .isEqualTo(EntrySource.HIT);
            assertThatThrownBy(() -> watched.fetch(EXPRESS, CacheMode.RELOAD, stored -> {
                        throw new IllegalStateException("no network");
                    }))
                    .hasMessage("no network");
        }
        assertThat(events).containsExactly("stored", "fetched", "fetched", "failed");
    }

    @Test
    void hitRatio_noCallYet_isEmpty() {
        assertThat(cache.fetchCounts().hitRatio()).isEmpty();
    }

    private Loaded.Value answer(String cacheControl) {
        return value(cache.receiver(), "{\"v\":1}", "cache-control", cacheControl);
    }

    private final class Broken implements CacheListener {
        @Override
        public void fetched(CacheKey key, EntrySource source, long sizeBytes) {
            events.add("fetched");
            throw new LinkageError("the library of the meter is missing");
        }

        @Override
        public void fetchFailed(CacheKey key, RuntimeException failure) {
            events.add("failed");
            throw new IllegalStateException("the meter is broken");
        }

        @Override
        public void stored(CacheKey key, long sizeBytes) {
            events.add("stored");
            throw new IllegalStateException("the meter is broken");
        }
    }

    private final class Events implements CacheListener {
        @Override
        public void fetched(CacheKey key, EntrySource source, long sizeBytes) {
            events.add(source + " " + sizeBytes);
        }

        @Override
        public void fetchFailed(CacheKey key, RuntimeException failure) {
            events.add("failed " + failure.getClass().getSimpleName());
        }

        @Override
        public void stored(CacheKey key, long sizeBytes) {
            events.add("stored " + sizeBytes);
        }

        @Override
        public void damaged(CacheKey key, IntegrityException damage) {
            events.add("damaged");
        }
    }
}
