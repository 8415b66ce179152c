package io.alldocs.cache;

import static io.alldocs.cache.Samples.EXPRESS;
import static io.alldocs.cache.Samples.REGISTRY;
import static io.alldocs.cache.Samples.head;
import static io.alldocs.cache.Samples.notFound;
import static io.alldocs.cache.Samples.notModified;
import static io.alldocs.cache.Samples.utf8;
import static io.alldocs.cache.Samples.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.ByteBudget;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class CacheEntryCloseTest {
    /** A body that the cache does not move to the heap. */
    private static final byte[] LARGE = largeJson();

    private final Samples.TestClock clock = new Samples.TestClock();
    private final CountedBodies bodies = new CountedBodies();
    private final List<Runnable> background = new ArrayList<>();
    private final Cache cache = Cache.builder()
            .driver(new LargeBodies(bodies))
            .clock(clock)
            .executor(background::add)
            .build();

    @TempDir
    private Path spool;

    @AfterEach
    void close() {
        cache.close();
    }

    private static byte[] largeJson() {
        byte[] json = new byte[(1 << 20) + 100];
        Arrays.fill(json, (byte) ' ');
        byte[] text = utf8("{\"v\":1}");
        System.arraycopy(text, 0, json, 0, text.length);
        return json;
    }

    /** A store whose bodies must be closed, like those in files. */
    private static final class LargeBodies extends CountingDriver {
        private final CountedBodies bodies;

        LargeBodies(CountedBodies bodies) {
            this.bodies = bodies;
        }

        @Override
        public synchronized Optional<StoredEntry> get(String key) {
            return super.get(key).map(entry -> {
                try {
                    return new StoredEntry(entry.head(), bodies.of(entry.body().toByteArray()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private Loaded.Value counted(byte[] json, String... headers) {
        EntryMetadata head = head(200, headers)
                .body(null, json.length, Integrity.sriOf(json))
                .build();
        return new Loaded.Value(head, bodies.of(json));
    }

    private CacheEntry fetched(CacheMode mode) {
        return cache.fetch(EXPRESS, mode, stored -> counted(LARGE, "ETag", "\"1\"", "Cache-Control", "max-age=60"));
    }

    private static int v(CacheEntry entry) {
        return entry.json().path("v").asInt();
    }

    @Test
    void close_entry_releasesTheBodyOnce() {
        CacheEntry entry = fetched(CacheMode.DEFAULT);
        assertThat(bodies.open()).isOne();
        entry.close();
        entry.close();
        assertThat(bodies.open()).isZero();
    }

    @Test
    void read_afterClose_failsAndKeepsTheMetadata() {
        CacheEntry entry = fetched(CacheMode.DEFAULT);
        Body raw = entry.rawBody();
        entry.close();
        assertThatIllegalStateException()
                .isThrownBy(entry::bodyStream)
                .withMessageContaining("https://registry.npmjs.com/express")
                .withMessageContaining("entry is closed");
        assertThatIllegalStateException().isThrownBy(entry::rawBody);
        assertThatIllegalStateException().isThrownBy(entry::json);
        assertThatIllegalStateException().isThrownBy(() -> entry.as(Map.class));
        assertThatIllegalStateException().isThrownBy(raw::openStream).withMessageContaining("The body is closed");
        assertThatIllegalStateException().isThrownBy(raw::toByteArray);
        assertThatIllegalStateException().isThrownBy(() -> cache.set("copy", entry));
        assertThat(entry.status()).isEqualTo(200);
        assertThat(raw.sizeBytes()).isEqualTo(LARGE.length);
    }

    @Test
    void read_bodyInMemoryAfterClose_failsToo() {
        CacheEntry entry = cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(cache.receiver(), "{\"v\":1}"));
        entry.close();
        assertThatIllegalStateException().isThrownBy(entry::json).withMessageContaining("entry is closed");
    }

    @Test
    void close_entryWithAnOpenStream_keepsTheStreamReadable() throws IOException {
        CacheEntry entry = fetched(CacheMode.DEFAULT);
        try (InputStream stream = entry.bodyStream()) {
            entry.close();
            assertThat(stream.readAllBytes()).isEqualTo(LARGE);
            assertThat(bodies.open()).isOne();
        }
        assertThat(bodies.open()).isZero();
    }

    @Test
    void collect_entryThatIsNotClosed_releasesTheBody() throws InterruptedException {
        int version = v(fetched(CacheMode.DEFAULT));
        assertThat(version).isOne();
        await(() -> {
            System.gc();
            return bodies.open() == 0;
        });
    }

    @Test
    void collect_streamOfAnEntryThatIsNotReachable_releasesTheBodyAfterTheStream() throws Exception {
        try (InputStream stream = fetched(CacheMode.DEFAULT).bodyStream()) {
            for (int i = 0; i < 5; i++) {
                System.gc();
            }
            assertThat(stream.readAllBytes()).isEqualTo(LARGE);
        }
        await(() -> {
            System.gc();
            return bodies.open() == 0;
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = CacheMode.class,
            names = {"DEFAULT", "FORCE_CACHE", "ONLY_IF_CACHED"})
    void close_oneOfTwoHits_keepsTheOtherReadable(CacheMode mode) {
        fetched(CacheMode.DEFAULT).close();
        CacheEntry first = fetched(mode);
        CacheEntry second = fetched(mode);
        first.close();
        assertThat(v(second)).isOne();
        second.close();
        assertThat(bodies.open()).isZero();
        assertThat(bodies.created()).isEqualTo(3);
    }

    @Test
    void close_hitOfTheMemoryTier_keepsLaterHitsReadable() {
        try (Cache inMemory = Cache.builder().memoryBytes(1 << 20).build()) {
            inMemory.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(inMemory.receiver(), "{\"v\":1}"))
                    .close();
            CacheEntry first = inMemory.entry(EXPRESS).orElseThrow();
            CacheEntry second = inMemory.entry(EXPRESS).orElseThrow();
            first.close();
            assertThat(v(second)).isOne();
            second.close();
            assertThat(v(inMemory.entry(EXPRESS).orElseThrow())).isOne();
        }
    }

    @Test
    void fetch_onlyIfCachedAndNothingUsable_leavesNoBodyOpen() {
        assertThatThrownBy(() -> fetched(CacheMode.ONLY_IF_CACHED)).isInstanceOf(NotCachedException.class);
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
                    Loaded.Value other = counted(LARGE);
                    return new Loaded.Value(
                            other.head().toBuilder().form("abbreviated").build(), other.body());
                })
                .close();
        assertThatThrownBy(() -> fetched(CacheMode.ONLY_IF_CACHED)).isInstanceOf(NotCachedException.class);
        assertThat(bodies.open()).isZero();
    }

    @Test
    void fetch_loaderFails_closesTheStoredBody() {
        fetched(CacheMode.DEFAULT).close();
        assertThatThrownBy(() -> cache.fetch(EXPRESS, CacheMode.NO_CACHE, stored -> {
                    throw new IllegalArgumentException("refused");
                }))
                .hasMessage("refused");
        assertThat(bodies.open()).isZero();
    }

    @Test
    void fetch_bodyCannotBeStored_closesBothBodies() {
        CountedBodies counted = new CountedBodies();
        try (Cache full = Cache.builder()
                .driver(new FailingDriver(new StorageException("full", false, null)))
                .build()) {
            assertThatThrownBy(() -> full.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
                        EntryMetadata head = head(200)
                                .body(null, LARGE.length, Integrity.sriOf(LARGE))
                                .build();
                        return new Loaded.Value(head, counted.of(LARGE));
                    }))
                    .hasMessage("full");
        }
        assertThat(counted.open()).isZero();
    }

    @Test
    void fetch_staleEntryReplaced_closesTheStoredBody() {
        fetched(CacheMode.DEFAULT).close();
        CacheEntry replaced = cache.fetch(EXPRESS, CacheMode.NO_CACHE, stored -> counted(LARGE, "ETag", "\"2\""));
        assertThat(bodies.open()).isOne();
        replaced.close();
        assertThat(bodies.open()).isZero();
    }

    @Test
    void fetch_staleEntryConfirmed_returnsTheStoredBody() {
        fetched(CacheMode.DEFAULT).close();
        for (Loader loader : List.<Loader>of(
                stored -> notModified("ETag", "\"1\""),
                stored -> counted(LARGE, "ETag", "\"1\""),
                stored -> notFound())) {
            try (CacheEntry entry = cache.fetch(EXPRESS, CacheMode.NO_CACHE, loader)) {
                assertThat(v(entry)).isOne();
                assertThat(bodies.open()).isOne();
            }
            assertThat(bodies.open()).isZero();
        }
    }

    @Test
    void refresh_entryClosedBefore_confirmsTheStoredBody() {
        cache.fetch(
                        EXPRESS,
                        CacheMode.DEFAULT,
                        stored -> counted(LARGE, "Cache-Control", "max-age=60, stale-while-revalidate=600"))
                .close();
        clock.advance(Duration.ofSeconds(61));
        CacheEntry stale = cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> notModified());
        stale.close();
        assertThat(bodies.open()).isOne();
        assertThat(background).hasSize(1);
        background.get(0).run();
        assertThat(bodies.open()).isZero();
        CacheEntry confirmed = cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
            throw new AssertionError("The refreshed entry is fresh.");
        });
        assertThat(v(confirmed)).isOne();
        confirmed.close();
        assertThat(bodies.open()).isZero();
    }

    @Test
    void get_valueOfAnotherType_closesTheBody() {
        fetched(CacheMode.DEFAULT).close();
        cache.set("own", Map.of("text", "x".repeat(2 << 20)));
        assertThat(cache.get(EXPRESS.toString(), Map.class)).isPresent();
        assertThat(cache.get("own", Map.class)).isPresent();
        assertThat(cache.<Map<?, ?>>fetch("own", cast(Map.class), Map::of)).hasSize(1);
        assertThatThrownBy(() -> cache.get("own", Integer.class)).isInstanceOf(IntegrityException.class);
        assertThat(bodies.open()).isZero();
    }

    @SuppressWarnings("unchecked")
    private static <T> Class<T> cast(Class<?> type) {
        return (Class<T>) type;
    }

    @Test
    void close_oneOfManyCoalescedCallers_keepsTheOthersReadable() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        List<Future<CacheEntry>> calls = new ArrayList<>();
        List<CacheEntry> entries = new ArrayList<>();
        try (Threads threads = new Threads(16)) {
            for (int i = 0; i < 16; i++) {
                calls.add(threads.start(() -> cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
                    awaitUninterruptedly(go);
                    return counted(LARGE);
                })));
            }
            threads.awaitAllWaiting();
            go.countDown();
            for (Future<CacheEntry> call : calls) {
                entries.add(call.get());
            }
        }
        assertThat(bodies.created()).isOne();
        while (!entries.isEmpty()) {
            assertThat(bodies.open()).isOne();
            CacheEntry last = entries.remove(entries.size() - 1);
            assertThat(v(last)).isOne();
            last.close();
            last.close();
        }
        assertThat(bodies.open()).isZero();
    }

    @Test
    void fetch_waiterInterrupted_leavesNoBodyOpen() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Threads threads = new Threads(3)) {
            Future<CacheEntry> leader = threads.start(() -> cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
                awaitUninterruptedly(go);
                return counted(LARGE);
            }));
            threads.awaitAllWaiting();
            Future<CacheEntry> interrupted = threads.start(() -> fetched(CacheMode.DEFAULT));
            threads.awaitAllWaiting();
            interrupted.cancel(true);
            Future<CacheEntry> patient = threads.start(() -> fetched(CacheMode.DEFAULT));
            threads.awaitAllWaiting();
            go.countDown();
            leader.get().close();
            patient.get().close();
        }
        assertThat(bodies.created()).isOne();
        assertThat(bodies.open()).isZero();
    }

    @Test
    void fetch_waiterThatReloads_doesNotKeepTheResultOfTheOtherLoad() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Threads threads = new Threads(2)) {
            Future<CacheEntry> leader = threads.start(() -> cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
                awaitUninterruptedly(go);
                return counted(LARGE);
            }));
            threads.awaitAllWaiting();
            Future<CacheEntry> reload = threads.start(() -> fetched(CacheMode.RELOAD));
            threads.awaitAllWaiting();
            go.countDown();
            leader.get().close();
            reload.get().close();
        }
        assertThat(bodies.created()).isEqualTo(2);
        assertThat(bodies.open()).isZero();
    }

    @Test
    void fetchAsync_cancelledBeforeTheResultArrives_closesTheEntry() {
        List<CompletableFuture<CacheEntry>> futures = new ArrayList<>();
        futures.add(cache.fetchAsync(EXPRESS, CacheMode.NO_STORE, stored -> {
            futures.get(0).cancel(false);
            return counted(LARGE);
        }));
        background.get(0).run();
        assertThat(futures.get(0)).isCancelled();
        assertThat(bodies.created()).isOne();
        assertThat(bodies.open()).isZero();
    }

    /** Checks a model: the body is open as long as an entry or a stream is open, and each of them reads all bytes. */
    @Property(tries = 300)
    void close_entriesAndStreamsInAnyOrder_releasesTheBodyAfterTheLast(
            @ForAll @Size(max = 60) List<@IntRange(max = 1_000) Integer> steps) throws IOException {
        CountedBodies counted = new CountedBodies();
        byte[] json = utf8("{\"v\":1}");
        List<CacheEntry> entries = new ArrayList<>();
        List<InputStream> streams = new ArrayList<>();
        try (Cache memory = Cache.builder().build()) {
            entries.add(memory.fetch(
                    EXPRESS,
                    CacheMode.NO_STORE,
                    stored -> new Loaded.Value(
                            head(200)
                                    .body(null, json.length, Integrity.sriOf(json))
                                    .build(),
                            counted.of(json))));
        }
        for (int step : steps) {
            boolean ofStream = step % 5 == 4;
            List<?> from = ofStream ? streams : entries;
            if (from.isEmpty()) {
                continue;
            }
            int index = step / 5 % from.size();
            switch (step % 5) {
                case 0 -> entries.add(entries.get(index).share());
                case 1 -> streams.add(entries.get(index).bodyStream());
                case 2 -> assertThat(v(entries.get(index))).isOne();
                case 3 -> {
                    CacheEntry closing = entries.remove(index);
                    closing.close();
                    closing.close();
                    assertThatIllegalStateException().isThrownBy(closing::share);
                    assertThatIllegalStateException().isThrownBy(closing::bodyStream);
                }
                default -> {
                    InputStream closing = streams.remove(index);
                    assertThat(closing.readAllBytes()).isEqualTo(json);
                    closing.close();
                    closing.close();
                }
            }
            assertThat(counted.open()).isEqualTo(entries.isEmpty() && streams.isEmpty() ? 0 : 1);
        }
        entries.forEach(CacheEntry::close);
        for (InputStream stream : streams) {
            stream.close();
        }
        assertThat(counted.open()).isZero();
    }

    @Test
    void close_entriesOf16Threads_leavesNoTemporaryFile() throws Exception {
        BodyReceiver toFiles = new BodyReceiver(ByteBudget.of(0), spool, Long.MAX_VALUE);
        try (Cache spooling = Cache.builder().receiver(toFiles).build();
                Threads threads = new Threads(16)) {
            try (CacheEntry open = fetched(spooling, 0, CacheMode.NO_STORE)) {
                assertThat(v(open)).isZero();
                assertThat(temporaryFiles()).isOne();
            }
            List<Future<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                int seed = i;
                calls.add(threads.start(() -> {
                    Random random = new Random(seed);
                    List<CacheEntry> held = new ArrayList<>();
                    for (int round = 0; round < 200; round++) {
                        int number = random.nextInt(3);
                        held.add(fetched(
                                spooling, number, random.nextBoolean() ? CacheMode.RELOAD : CacheMode.NO_CACHE));
                        CacheEntry read = held.get(random.nextInt(held.size()));
                        assertThat(v(read)).isBetween(0, 2);
                        if (held.size() > 4) {
                            held.remove(random.nextInt(held.size())).close();
                        }
                    }
                    held.forEach(CacheEntry::close);
                    return held.size();
                }));
            }
            for (Future<Integer> call : calls) {
                assertThat(call.get()).isPositive();
            }
            assertThat(temporaryFiles()).isZero();
        }
    }

    private static CacheEntry fetched(Cache cache, int number, CacheMode mode) {
        return cache.fetch(
                CacheKey.packument(REGISTRY, "p" + number),
                mode,
                stored -> value(cache.receiver(), "{\"v\":" + number + "}"));
    }

    /** Counts the files of the directory, and on Linux those that are open but have no name. */
    private long temporaryFiles() throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            try (Stream<Path> files = Files.list(spool)) {
                return files.count();
            }
        }
        try (Stream<Path> open = Files.list(descriptors)) {
            return open.filter(this::isTemporary).count();
        }
    }

    private boolean isTemporary(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).startsWith(spool.toRealPath());
        } catch (IOException e) {
            return false; // closed while the directory was listed
        }
    }

    private static void awaitUninterruptedly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
        }
    }

    /** Threads of which each runs one call at a time. */
    private static final class Threads implements AutoCloseable {
        private final List<Thread> started = new ArrayList<>();
        private final ExecutorService pool;

        Threads(int number) {
            pool = Executors.newFixedThreadPool(number, task -> {
                Thread thread = new Thread(task);
                started.add(thread);
                return thread;
            });
        }

        <T> Future<T> start(Callable<T> call) {
            return pool.submit(call);
        }

        /** Waits until each call has ended or waits for another. */
        void awaitAllWaiting() throws InterruptedException {
            await(() -> started.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        }

        @Override
        public void close() {
            pool.shutdownNow();
        }
    }
}
