package io.alldocs.cache.scan;

import static io.alldocs.cache.Samples.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CountingDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CacheScanTest {
    /** Size of a body that is too large to be read into memory. */
    private static final byte[] LARGE = new byte[(1 << 20) + 1];

    private final ListingDriver driver = new ListingDriver();
    private final Cache cache = Cache.builder().driver(driver).build();

    @Property(tries = 300)
    void entries_anyRange_areThoseOfTheRange(
            @ForAll("keySets") Set<String> keys,
            @ForAll("ends") String one,
            @ForAll("ends") String other,
            @ForAll("prefixes") String prefix,
            @ForAll @IntRange(min = 1, max = 5) int batch,
            @ForAll boolean ordered) {
        ListingDriver store = new ListingDriver();
        store.ordered = ordered;
        keys.forEach(key -> put(store, key));
        String from = one.isEmpty() ? null : one;
        String to = other.isEmpty() ? null : other;
        TreeSet<String> expected = keys.stream()
                .filter(key -> key.startsWith(prefix))
                .filter(key -> from == null || KeyOrder.UTF8.compare(key, from) >= 0)
                .filter(key -> to == null || KeyOrder.UTF8.compare(key, to) < 0)
                .collect(Collectors.toCollection(() -> new TreeSet<>(KeyOrder.UTF8)));
        CacheScan scan = CacheScan.of(Cache.builder().driver(store).build(), prefix)
                .range(from, to)
                .batchSize(batch);

        try (Stream<String> sequential = scan.map(CacheScanTest::keyOfBody);
                Stream<String> parallel = scan.map(CacheScanTest::keyOfBody).parallel();
                Stream<String> heads = scan.heads((key, head) -> key);
                Stream<String> all = scan.keys()) {
            List<String> found = sequential.toList();
            assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
            if (ordered) {
                assertThat(found).containsExactlyElementsOf(expected);
            }
            assertThat(parallel.toList()).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(heads.toList()).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(all.toList()).containsExactlyInAnyOrderElementsOf(expected);
        }
        assertThat(store.openListings).hasValue(0);
    }

    @Test
    void range_orderedStore_listsHardlyMoreThanTheRange() {
        IntStream.range(0, 10_000).forEach(i -> put(driver, String.format("k:%04d", i)));

        try (Stream<String> keys =
                CacheScan.of(cache, "k:").range("k:5000", "k:5010").keys()) {
            assertThat(keys).hasSize(10);
        }

        assertThat(driver.listed).hasValueLessThan(20);
    }

    @Test
    void stream_onlyItsFirstElementsTaken_readsNoMoreThanABatch() {
        IntStream.range(0, 1_000).forEach(i -> put(driver, "k:" + i));

        try (Stream<String> entries = CacheScan.of(cache, "k:").batchSize(10).map((key, entry) -> key)) {
            assertThat(entries.limit(3)).hasSize(3);
        }

        assertThat(driver.gets).isEqualTo(10);
        assertThat(driver.openListings).hasValue(0);
    }

    /** Each of two threads waits until the other is reading. */
    @Test
    void stream_parallel_isReadBySeveralThreads() {
        IntStream.range(0, 100).forEach(i -> put(driver, "k:" + i));
        CountDownLatch two = new CountDownLatch(2);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();

        try (Stream<String> entries = CacheScan.of(cache, "k:").batchSize(5).map((key, entry) -> {
            if (threads.add(Thread.currentThread())) {
                two.countDown();
            }
            try {
                two.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return key;
        })) {
            assertThat(entries.parallel().collect(Collectors.toSet())).hasSize(100);
        }

        assertThat(threads).hasSizeGreaterThanOrEqualTo(2);
    }

    /** Drivers that use {@link io.alldocs.cache.spi.StoredForm} store such values without metadata. */
    @Test
    void heads_valueWithBareMetadata_isDamagedOnlyUnderTheKeyOfAnEntry() {
        byte[] value = utf8("{\"partitions\":3}");
        for (String key : List.of("v1:sync:job:sequence", "v1:packument:npm:61")) {
            driver.store.put(key, EntryMetadata.bare(value.length, null, Instant.EPOCH), Body.of(value));
        }
        List<String> damaged = new ArrayList<>();

        CacheScan scan = CacheScan.of(cache, "v1:").onDamage((key, error) -> damaged.add(key));
        try (Stream<String> heads = scan.heads((key, head) -> key)) {
            assertThat(heads.toList()).containsExactly("v1:sync:job:sequence");
        }
        assertThat(damaged).containsExactly("v1:packument:npm:61");
    }

    @Test
    void stream_damagedEntries_areReportedAndLeftOut() {
        IntStream.range(0, 100).forEach(i -> put(driver, "k:" + i));
        driver.damage("k:7", utf8("other"));
        driver.unreadable = "k:42";
        Set<String> damaged = ConcurrentHashMap.newKeySet();
        CacheScan scan = CacheScan.of(cache, "k:").onDamage((key, error) -> {
            assertThat(error).hasMessageContaining(key);
            damaged.add(key);
        });

        try (Stream<String> entries = scan.map((key, entry) -> {
            if (key.equals("k:99")) {
                throw new IntegrityException("k:99 is not what the caller expects", null);
            }
            return key;
        })) {
            assertThat(entries.parallel().toList()).hasSize(97).doesNotContain("k:7", "k:42", "k:99");
        }

        assertThat(damaged).containsExactlyInAnyOrder("k:7", "k:42", "k:99");
    }

    @Test
    void stream_listenerThatThrows_ends() {
        put(driver, "k:1");
        driver.unreadable = "k:1";
        CacheScan scan = CacheScan.of(cache, "k:").onDamage((key, error) -> {
            throw error;
        });

        try (Stream<String> entries = scan.map((key, entry) -> key)) {
            assertThatExceptionOfType(IntegrityException.class).isThrownBy(entries::toList);
        }
    }

    @Test
    void stream_storeThatFails_ends() {
        put(driver, "k:1");
        driver.broken = true;

        try (Stream<String> entries = CacheScan.of(cache, "k:").map((key, entry) -> key)) {
            assertThatExceptionOfType(StorageException.class).isThrownBy(entries::toList);
        }
    }

    @Test
    void stream_interrupted_ends() {
        IntStream.range(0, 100).forEach(i -> put(driver, "k:" + i));

        try (Stream<String> entries = CacheScan.of(cache, "k:").map((key, entry) -> {
            Thread.currentThread().interrupt();
            return key;
        })) {
            assertThatExceptionOfType(OperationInterruptedException.class).isThrownBy(entries::toList);
        }

        assertThat(Thread.interrupted()).isTrue();
        assertThat(driver.openListings).hasValue(0);
    }

    @Test
    void map_bodies_areFreedWhenTheMapperReturns() {
        IntStream.range(0, 50).forEach(i -> putLarge(driver, "k:" + i));

        try (Stream<Integer> open =
                CacheScan.of(cache, "k:").batchSize(10).map((key, entry) -> driver.openBodies.get())) {
            assertThat(open.toList()).hasSize(50).allMatch(bodies -> bodies <= 10);
        }

        assertThat(driver.openBodies).hasValue(0);
    }

    @Test
    void close_withEntriesReadAhead_freesThemAndTheListing() {
        IntStream.range(0, 50).forEach(i -> putLarge(driver, "k:" + i));

        Stream<String> entries = CacheScan.of(cache, "k:").batchSize(10).map((key, entry) -> key);
        Iterator<String> iterator = entries.iterator();
        assertThat(iterator.next()).isNotEmpty();
        assertThat(driver.openBodies).hasValue(9);
        entries.close();

        assertThat(driver.openBodies).hasValue(0);
        assertThat(driver.openListings).hasValue(0);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> iterator.forEachRemaining(key -> {}))
                .withMessageContaining("closed");
    }

    @Test
    void hold_bodies_stayReadable() {
        IntStream.range(0, 50).forEach(i -> putLarge(driver, "k:" + i));

        List<CacheEntry> held;
        try (Stream<CacheEntry> entries = CacheScan.of(cache, "k:").hold((key, entry) -> entry)) {
            held = entries.toList();
        }

        assertThat(held).hasSize(50);
        assertThat(driver.openBodies).hasValue(50);
    }

    /** Limits how many keys the tasks of a parallel stream hold while a large listing is read. */
    @Test
    void stream_parallelOverMany_holdsNoMoreKeysThanAreWorkedOn() {
        driver.endless = 200_000;
        AtomicInteger most = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        ForkJoinPool pool = new ForkJoinPool(4);

        try (Stream<String> keys = CacheScan.of(cache, "k:").batchSize(16).keys()) {
            Stream<String> parallel = keys.parallel().filter(key -> {
                most.accumulateAndGet(driver.listed.get() - done.incrementAndGet(), Math::max);
                return true;
            });
            // Use a separate pool, because the size of the common pool depends on the number of cores.
            ForkJoinTask<Integer> count =
                    pool.submit(() -> parallel.mapToInt(key -> 1).sum());
            assertThat(count.join()).isEqualTo(200_000);
        } finally {
            pool.shutdown();
        }

        assertThat(most).hasValueLessThan(16 * 65);
    }

    @Provide
    Arbitrary<Set<String>> keySets() {
        return texts().filter(key -> !key.isEmpty()).set().ofMaxSize(30);
    }

    @Provide
    Arbitrary<String> ends() {
        return texts();
    }

    @Provide
    Arbitrary<String> prefixes() {
        return Arbitraries.of("", "a", "ab", "1", "é", "\ud83d\ude00");
    }

    private static Arbitrary<String> texts() {
        return Arbitraries.of("a", "b", "1", "0", "~", " ", "é", "\ud83d\ude00", "\ud83d\udd25", "\uffee", ":")
                .list()
                .ofMaxSize(5)
                .map(parts -> String.join("", parts));
    }

    private static void put(ListingDriver driver, String key) {
        put(driver, key, utf8(key));
    }

    private static void putLarge(ListingDriver driver, String key) {
        put(driver, key, LARGE);
    }

    private static void put(ListingDriver driver, String key, byte[] bytes) {
        EntryMetadata head = EntryMetadata.builder()
                .status(200)
                .body(null, bytes.length, Integrity.sriOf(bytes))
                .storedAt(Instant.EPOCH)
                .build();
        driver.store.put(key, head, Body.of(bytes));
    }

    private static String keyOfBody(String key, CacheEntry entry) {
        try {
            assertThat(entry.rawBody().toByteArray()).isEqualTo(utf8(key));
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
        return key;
    }

    /** A memory store with or without ordered listing that counts open listings and bodies. */
    private static final class ListingDriver extends CountingDriver {
        final AtomicInteger openListings = new AtomicInteger();
        final AtomicInteger openBodies = new AtomicInteger();
        final AtomicInteger listed = new AtomicInteger();
        boolean ordered = true;
        boolean broken;
        int endless;
        String unreadable = "";

        @Override
        public StorageCapabilities capabilities() {
            StorageCapabilities own = store.capabilities();
            return new StorageCapabilities(ordered, own.maxKeyBytes(), own.maxValueBytes(), true, true, true, 1);
        }

        @Override
        public Stream<String> list(String prefix, String startAfter) {
            openListings.incrementAndGet();
            Stream<String> keys =
                    endless > 0 ? IntStream.range(0, endless).mapToObj(i -> "k:" + i) : store.list(prefix, startAfter);
            if (!ordered) {
                List<String> shuffled = new ArrayList<>(keys.toList());
                Collections.shuffle(shuffled, new java.util.Random(shuffled.size()));
                keys = shuffled.stream();
            }
            return keys.peek(key -> listed.incrementAndGet()).onClose(openListings::decrementAndGet);
        }

        @Override
        public Map<String, StoredEntry> getBatch(Collection<String> keys) {
            if (broken) {
                throw new StorageException("The store is gone", true, null);
            }
            if (keys.contains(unreadable)) {
                throw new IntegrityException("One of them cannot be read", null);
            }
            Map<String, StoredEntry> found = super.getBatch(keys);
            found.replaceAll((key, entry) -> new StoredEntry(entry.head(), opened(entry.body())));
            assertThat(new HashSet<>(keys)).hasSameSizeAs(keys);
            return found;
        }

        @Override
        public synchronized java.util.Optional<StoredEntry> get(String key) {
            if (key.equals(unreadable)) {
                throw new IntegrityException("No entry: " + key, null);
            }
            return super.get(key);
        }

        private Body opened(Body body) {
            openBodies.incrementAndGet();
            return new Body() {
                private boolean closed;

                @Override
                public long sizeBytes() {
                    return body.sizeBytes();
                }

                @Override
                public java.io.InputStream openStream() throws java.io.IOException {
                    return body.openStream();
                }

                @Override
                public void close() {
                    if (!closed) {
                        closed = true;
                        openBodies.decrementAndGet();
                    }
                }
            };
        }
    }
}
