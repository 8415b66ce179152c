package io.alldocs.cache;

import static io.alldocs.cache.Samples.REGISTRY;
import static io.alldocs.cache.Samples.REPLICA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.alldocs.cache.PartitionCheckpoint.Progress;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the calls of {@code @_all_docs/cache} as its documentation shows them. */
class DocumentedCallsTest {
    private final Samples.TestClock clock = new Samples.TestClock();
    private final MemoryStorageDriver driver = new MemoryStorageDriver();
    private final Cache cache = Cache.builder().driver(driver).clock(clock).build();

    @AfterEach
    void end() {
        cache.close();
        driver.close();
    }

    private void pass(Duration time) {
        clock.advance(time);
    }

    // ---- await cache.set('key', { value: 'data' }); cache.fetch; cache.has; cache.delete; cache.keys('prefix:')

    @Test
    void cache_basicOperations_areTheDocumentedOnes() {
        cache.set("key", Map.of("value", "data"));

        assertThat(cache.get("key", Map.class)).contains(Map.of("value", "data"));
        assertThat(cache.has("key")).isTrue();
        cache.set("prefix:a", 1);
        cache.set("prefix:b", 2);
        try (Stream<String> keys = cache.keys("prefix:")) {
            assertThat(keys).containsExactly("prefix:a", "prefix:b");
        }
        cache.delete("key");
        assertThat(cache.has("key")).isFalse();
        assertThat(cache.get("key", Map.class)).isEmpty();
    }

    // ---- cache.set(key, value, { ttl })

    @Test
    void set_timeToLive_endsTheValue() {
        cache.set("session", Map.of("user", "a"), Duration.ofSeconds(60));
        cache.set("session", Map.of("user", "b"), Duration.ofMillis(1500));

        pass(Duration.ofMillis(1499));
        assertThat(cache.get("session", Map.class)).contains(Map.of("user", "b"));
        assertThat(cache.has("session")).isTrue();

        pass(Duration.ofMillis(1));
        assertThat(cache.get("session", Map.class)).isEmpty();
        assertThat(cache.has("session")).isFalse();
        assertThat(cache.fetch("session", String.class, () -> "new")).isEqualTo("new");
        pass(Duration.ofDays(10_000));
        assertThat(cache.get("session", String.class)).contains("new");
    }

    @Test
    void set_timeToLiveOfAnEntry_isItsFreshness() {
        CacheKey key = CacheKey.packument(REGISTRY, "express");
        EntryMetadata head = EntryMetadata.builder()
                .status(200)
                .form("full")
                .body(null, 2, null)
                .build();
        CacheEntry loaded =
                cache.fetch(key, CacheMode.NO_STORE, stored -> new Loaded.Value(head, Body.of(Samples.utf8("{}"))));

        cache.set(key.toString(), loaded, Duration.ofMinutes(5));

        assertThat(cache.head(key).orElseThrow().isFresh(clock)).isTrue();
        pass(Duration.ofMinutes(5));
        assertThat(cache.head(key).orElseThrow().isFresh(clock)).isFalse();
        assertThat(cache.entry(key)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S"})
    void set_timeToLiveThatIsNotPositive_isRefused(String ttl) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> cache.set("key", 1, Duration.parse(ttl)))
                .withMessageContaining("must be positive, but is " + ttl);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> cache.fetch("key", Integer.class, Duration.parse(ttl), () -> 1));
        assertThat(cache.has("key")).isFalse();
    }

    // ---- await cache.fetch('my-key', async () => await expensiveOperation())

    @Test
    void fetch_ownKey_loadsOnceForConcurrentCalls() throws Exception {
        AtomicInteger loads = new AtomicInteger();
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                answers.add(threads.submit(() -> cache.fetch("my-key", Integer.class, Duration.ofHours(1), () -> {
                    loading.countDown();
                    await(go);
                    return loads.incrementAndGet();
                })));
            }
            assertThat(loading.await(10, TimeUnit.SECONDS)).isTrue();
            go.countDown();
            for (Future<Integer> answer : answers) {
                assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(loads).hasValue(1);
    }

    @Test
    void fetch_ownKey_isFreshForItsTimeToLive() {
        AtomicInteger loads = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            assertThat(cache.fetch("k", Integer.class, Duration.ofMinutes(1), loads::incrementAndGet))
                    .isEqualTo(1);
        }
        pass(Duration.ofMinutes(1));

        assertThat(cache.fetch("k", Integer.class, Duration.ofMinutes(1), loads::incrementAndGet))
                .isEqualTo(2);
        assertThat(cache.get("k", Integer.class)).contains(2);
    }

    @Test
    void fetch_ownKey_loaderThatFails_storesNothing() {
        assertThatThrownBy(() -> cache.fetch("k", String.class, () -> {
                    throw new IllegalStateException("the database is away");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the database is away");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> cache.fetch("k", String.class, () -> null))
                .withMessageContaining("\"k\" returned null");

        assertThat(cache.has("k")).isFalse();
        assertThat(cache.fetch("k", String.class, () -> "now")).isEqualTo("now");
    }

    @Test
    void fetch_ownKey_damagedValue_isLoadedAgain() {
        cache.set("k", "good");
        EntryMetadata head = driver.head("k").orElseThrow();
        driver.put("k", head, Body.of(Samples.utf8("\"gone\"")));

        assertThatThrownBy(() -> cache.get("k", String.class)).isInstanceOf(IntegrityException.class);
        assertThat(cache.has("k")).isTrue();
        assertThat(cache.fetch("k", String.class, () -> "again")).isEqualTo("again");
        assertThat(cache.get("k", String.class)).contains("again");
    }

    @Test
    void fetchAsync_ownKey_isTheSameCall() {
        CompletableFuture<String> answer = cache.fetchAsync("k", String.class, Duration.ofMinutes(1), () -> "value");

        assertThat(answer.join()).isEqualTo("value");
        assertThat(cache.get("k", String.class)).contains("value");
    }

    // ---- keys

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v1:packument:x",
                "v1:packument:npm:",
                "v1:packument:npm:6",
                "v1:packument:npm:zz",
                "v1:packument:npm:6A",
                "v1:packument:npm:61:62",
                "v1:packument:NPM:61",
                "v1:packument",
                "v1:partition:npm:61",
                "v1:partition:npm:zz:",
                "v1:abbreviated::61",
                "v1:",
                "v1::61",
                "v1:Packument:npm:61",
                "v1:packument\n:npm:61"
            })
    void set_malformedReservedKey_isRefused(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> cache.set(key, "value"))
                .withMessageContaining("Not a cache key");
        assertThatIllegalArgumentException().isThrownBy(() -> cache.fetch(key, String.class, () -> "value"));
        try (Stream<String> keys = cache.keys("")) {
            assertThat(keys).isEmpty();
        }
    }

    @Test
    void parse_documentedExample_hasItsStartAndEnd() {
        CacheKey key = CacheKey.parse("v1:partition:npm:7374617274:656e64");

        assertThat(key.kind()).isEqualTo(CacheKey.Kind.PARTITION);
        assertThat(key.start()).contains("start");
        assertThat(key.end()).contains("end");
        assertThat(key).hasToString("v1:partition:npm:7374617274:656e64");
        assertThat(CacheKey.find("v1:partition:npm:7374617274:656e64")).contains(key);
        assertThat(CacheKey.parse("v1:packument:npm:4073636f70652f7061636b616765")
                        .packageName())
                .contains("@scope/package");
    }

    // ---- const checkpoint = new PartitionCheckpoint(cache, 'partition-set-id')

    @Test
    void checkpoint_progress_hasStatsAndPercent() {
        PartitionCheckpoint checkpoint = new PartitionCheckpoint(cache, "partition-set-id");
        checkpoint.recordPartitions(
                REPLICA, List.of(CacheKey.partition(REPLICA, "a", "b"), CacheKey.partition(REPLICA, "b", "c")));

        checkpoint.markComplete(0, Map.of("rows", 1000));

        Progress progress = checkpoint.getProgress();
        assertThat(progress.stats()).isEqualTo(new PartitionCheckpoint.Stats(2, 1, 0, 1));
        assertThat(progress.stats().completed()).isEqualTo(1);
        assertThat(progress.stats().total()).isEqualTo(2);
        assertThat(progress.percentComplete()).isEqualTo(50);
        assertThat(new Progress(3, 1, 0, 2, 0).percentComplete()).isCloseTo(33.333, within(0.001));
        assertThat(new Progress(0, 0, 0, 0, 0).percentComplete()).isEqualTo(100);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
