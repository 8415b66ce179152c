package io.alldocs.cache.scan;

import static io.alldocs.cache.Samples.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CountingDriver;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.Samples;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

/** Tests copies, differences and statistics of stores. */
class CacheCopyTest {
    private final MemoryStorageDriver from = new MemoryStorageDriver();
    private final MemoryStorageDriver to = new MemoryStorageDriver();

    @Property(tries = 200)
    void run_anyStores_makesTheTargetHoldTheSource(
            @ForAll Map<@CharRange(from = 'a', to = 'f') @StringLength(min = 1, max = 3) String, String> source,
            @ForAll Map<@CharRange(from = 'a', to = 'f') @StringLength(min = 1, max = 3) String, String> target,
            @ForAll @IntRange(min = 1, max = 4) int concurrency) {
        MemoryStorageDriver one = new MemoryStorageDriver();
        MemoryStorageDriver other = new MemoryStorageDriver();
        source.forEach((key, value) -> put(one, key, value.getBytes(StandardCharsets.UTF_8)));
        target.forEach((key, value) -> put(other, key, value.getBytes(StandardCharsets.UTF_8)));

        CacheCopy.Report report = CacheCopy.run(one, other, CacheCopyTest::all, concurrency, count -> {});

        assertThat(report.complete()).isTrue();
        assertThat(report.copied() + report.alreadyThere()).isEqualTo(source.size());
        assertThat(differences(one, other)).allMatch(each -> each.kind() == CacheDiff.Kind.ONLY_IN_SECOND);
        Map<String, String> expected = new TreeMap<>(target);
        expected.putAll(source);
        assertThat(values(other)).isEqualTo(values(expected));
        assertThat(CacheCopy.run(one, other, CacheCopyTest::all, concurrency, count -> {})
                        .copied())
                .isZero();
    }

    @Test
    void run_afterAFailure_resumesWhereItStopped() {
        IntStream.range(0, 200).forEach(i -> put(from, "k:" + i, utf8("value " + i)));
        FailingTarget failing = new FailingTarget(to, 100);

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> CacheCopy.run(from, failing, CacheCopyTest::all, 2, count -> {}));
        long copied =
                CacheScan.of(Cache.builder().driver(to).build(), "").keys().count();
        assertThat(copied).isBetween(80L, 100L);

        CacheCopy.Report report = CacheCopy.run(from, to, CacheCopyTest::all, 2, count -> {});

        assertThat(report.alreadyThere()).isEqualTo(copied);
        assertThat(report.copied()).isEqualTo(200 - copied);
        assertThat(differences(from, to)).isEmpty();
    }

    @Test
    void run_interrupted_endsAndKeepsTheFlag() {
        IntStream.range(0, 200).forEach(i -> put(from, "k:" + i, utf8("value " + i)));
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(OperationInterruptedException.class)
                .isThrownBy(() -> CacheCopy.run(from, to, CacheCopyTest::all, 1, count -> {}));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(CacheCopy.run(from, to, CacheCopyTest::all, 1, count -> {}).complete())
                .isTrue();
        assertThat(differences(from, to)).isEmpty();
    }

    @Test
    void run_damagedAndTooLarge_areNamedAndLeftOut() {
        put(from, "good", utf8("good"));
        put(from, "damaged", utf8("damaged"));
        from.put("damaged", from.head("damaged").orElseThrow(), Body.of(utf8("damaGed")));
        put(from, "large", new byte[10_000]);
        SmallTarget small = new SmallTarget(to);

        CacheCopy.Report report = CacheCopy.run(from, small, CacheCopyTest::all, 1, count -> {});

        assertThat(report.complete()).isFalse();
        assertThat(report.copied()).isEqualTo(1);
        assertThat(report.leftOut()).isEqualTo(2);
        assertThat(report.problems())
                .anyMatch(problem -> problem.startsWith("damaged: "))
                .anyMatch(problem -> problem.startsWith("large: "));
        assertThat(values(to)).containsOnlyKeys("good");
    }

    @Test
    void run_manyKeys_takesThemAsTheyAreDoneWith() {
        AtomicInteger listed = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountingDriver endless = new CountingDriver(from) {
            @Override
            public Stream<String> list(String prefix, String startAfter) {
                return IntStream.range(0, 100_000).mapToObj(i -> {
                    most.accumulateAndGet(listed.incrementAndGet() - done.get(), Math::max);
                    return "absent:" + i;
                });
            }
        };

        CacheCopy.run(endless, to, CacheCopyTest::all, 4, done::addAndGet);

        assertThat(done).hasValue(100_000);
        assertThat(most).hasValueLessThan(16 * 6);
    }

    @Test
    void diff_ofTwoStores_namesEachDifference() {
        put(from, "same", utf8("same"));
        put(to, "same", utf8("same"));
        put(from, "here", utf8("here"));
        put(to, "there", utf8("there"));
        put(from, "bytes", utf8("one"));
        put(to, "bytes", utf8("other"));
        put(from, "rev", utf8("rev"));
        to.put("rev", from.head("rev").orElseThrow().toBuilder().rev("2-x").build(), Body.of(utf8("rev")));
        put(from, "later", utf8("later"));
        EntryMetadata head = from.head("later").orElseThrow();
        to.put("later", head.toBuilder().validatedAt(Instant.ofEpochSecond(99)).build(), Body.of(utf8("later")));

        Map<String, CacheDiff.Kind> found = new TreeMap<>();
        differences(from, to).forEach(each -> found.put(each.key(), each.kind()));

        assertThat(found)
                .isEqualTo(Map.of(
                        "here", CacheDiff.Kind.ONLY_IN_FIRST,
                        "there", CacheDiff.Kind.ONLY_IN_SECOND,
                        "bytes", CacheDiff.Kind.DIFFERS,
                        "rev", CacheDiff.Kind.DIFFERS));
    }

    @Test
    void stats_ofAStore_countByKindAndOrigin() {
        EntryMetadata ok = head(utf8("12345")).toBuilder()
                .outcome("ok")
                .storedAt(Instant.ofEpochSecond(50))
                .build();
        EntryMetadata gone = head(utf8("")).toBuilder()
                .outcome("not_found")
                .storedAt(Instant.ofEpochSecond(10))
                .build();
        from.put(CacheKey.packument(Samples.REGISTRY, "a").toString(), ok, Body.of(utf8("12345")));
        from.put(CacheKey.packument(Samples.REGISTRY, "b").toString(), gone, Body.of(new byte[0]));
        from.put(CacheKey.partition(Samples.REPLICA, "a", null).toString(), head(utf8("{}")), Body.of(utf8("{}")));
        from.put("mine", head(utf8("7")), Body.of(utf8("7")));

        CacheInventory stats =
                CacheInventory.of(CacheScan.of(Cache.builder().driver(from).build(), ""));

        assertThat(stats.damaged()).isZero();
        assertThat(stats.groups())
                .extracting(CacheInventory.Group::kind)
                .containsExactly("other", "packument", "partition");
        CacheInventory.Group packuments = stats.groups().get(1);
        assertThat(packuments.origin()).isEqualTo("npm");
        assertThat(packuments.entries()).isEqualTo(2);
        assertThat(packuments.bytes()).isEqualTo(5);
        assertThat(packuments.outcomes()).isEqualTo(Map.of("ok", 1L, "not_found", 1L));
        assertThat(packuments.oldest()).isEqualTo(Instant.ofEpochSecond(10));
        assertThat(packuments.newest()).isEqualTo(Instant.ofEpochSecond(50));
        assertThat(packuments.largestKey())
                .isEqualTo(CacheKey.packument(Samples.REGISTRY, "a").toString());
    }

    private static boolean all(String key) {
        return !key.isEmpty();
    }

    private static List<CacheDiff.Difference> differences(StorageDriver one, StorageDriver other) {
        List<CacheDiff.Difference> found = new ArrayList<>();
        CacheDiff.run(one, other, CacheCopyTest::all, 2, found::add, () -> {});
        return found;
    }

    private static Map<String, String> values(Map<String, String> values) {
        Map<String, String> sorted = new TreeMap<>();
        values.forEach((key, value) ->
                sorted.put(key, new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)));
        return sorted;
    }

    private static Map<String, String> values(StorageDriver driver) {
        Map<String, String> values = new TreeMap<>();
        try (Stream<String> keys = driver.list("", null)) {
            keys.forEach(key -> {
                try (Body body = driver.get(key).orElseThrow().body()) {
                    values.put(key, new String(body.toByteArray(), StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
        }
        return values;
    }

    private static void put(StorageDriver driver, String key, byte[] bytes) {
        driver.put(key, head(bytes), Body.of(bytes));
    }

    private static EntryMetadata head(byte[] bytes) {
        return EntryMetadata.builder()
                .status(200)
                .body(null, bytes.length, Integrity.sriOf(bytes))
                .storedAt(Instant.EPOCH)
                .build();
    }

    private static final class FailingTarget extends CountingDriver {
        private final AtomicInteger left;

        FailingTarget(StorageDriver store, int puts) {
            super(store);
            left = new AtomicInteger(puts);
        }

        @Override
        public synchronized void put(String key, EntryMetadata head, Body body) {
            if (left.decrementAndGet() < 0) {
                throw new StorageException("The disk is full", false, null);
            }
            super.put(key, head, body);
        }
    }

    private static final class SmallTarget extends CountingDriver {
        SmallTarget(StorageDriver store) {
            super(store);
        }

        @Override
        public StorageCapabilities capabilities() {
            return new StorageCapabilities(true, 512, 5_000, true, true, true, 1);
        }
    }
}
