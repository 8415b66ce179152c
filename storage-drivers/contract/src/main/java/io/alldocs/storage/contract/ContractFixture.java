package io.alldocs.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the parts of {@link StorageDriverContract} share: the methods that a driver's test implements, the store of a
 * test, and assertions.
 */
abstract class ContractFixture {
    static final int THREADS = 16;

    /** The driver of this test. */
    StorageDriver driver;

    /** Its capabilities. */
    StorageCapabilities can;

    @SuppressWarnings("NullAway.Init") // begin() initializes both fields
    ContractFixture() {}

    /**
     * Creates a driver on the store under test. All drivers created during one test see the same store. The suite
     * closes them.
     */
    protected abstract StorageDriver newDriver() throws Exception;

    /** Empties the store under test without using a driver. */
    protected abstract void clear() throws Exception;

    /**
     * Changes at least one byte of the body stored under {@code key}, without using a driver and without changing the
     * length of the body.
     */
    protected abstract void corrupt(String key) throws Exception;

    /** Returns how long an eventually consistent store may take to show a write. Default: 30 seconds. */
    protected Duration patience() {
        return Duration.ofSeconds(30);
    }

    /** Returns the number of keys in the listing test, which must exceed one page of the store. Default: 1,200. */
    protected int listedKeys() {
        return 1200;
    }

    /** Returns the number of writes of each thread in the concurrency tests. Default: 30. */
    protected int rounds() {
        return 30;
    }

    /**
     * Returns how much heap the calling thread may allocate to store and read a large value. Default: 16 MiB, for a
     * value of up to 64 MiB.
     */
    protected long largeValueHeapBytes() {
        return 16L << 20;
    }

    /** Returns the driver of this test. */
    protected final StorageDriver driver() {
        return driver;
    }

    @BeforeEach
    final void begin() throws Exception {
        clear();
        driver = newDriver();
        can = driver.capabilities();
        assertThat(can.writable()).as("the store under test must be writable").isTrue();
        awaitEmpty("before the test");
    }

    @AfterEach
    final void end() throws Exception {
        driver.close();
        clear();
        try (StorageDriver fresh = newDriver()) {
            driver = fresh;
            awaitEmpty("after the test");
        }
    }

    private void awaitEmpty(String when) {
        eventually(() -> assertThat(list(driver, "", null))
                .as("the store must be empty %s", when)
                .isEmpty());
    }

    // ---- for the tests

    final void putSmall(String... keys) {
        for (String key : keys) {
            GeneratedBody body = new GeneratedBody(key.hashCode(), 20);
            driver.put(key, body.head(), body);
        }
        eventually(() -> assertThat(Arrays.stream(keys).allMatch(driver::has)).isTrue());
    }

    final void putBatch(List<String> keys) {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        for (String key : keys) {
            GeneratedBody body = new GeneratedBody(key.hashCode(), 20);
            entries.put(key, new StoredEntry(body.head(), body));
        }
        driver.putBatch(entries);
    }

    final void assertStored(StorageDriver reader, String key, EntryMetadata head, GeneratedBody body) {
        eventually(() -> {
            assertThat(reader.has(key)).as("has %s", shorten(key)).isTrue();
            assertThat(reader.head(key)).as("head of %s", shorten(key)).contains(head);
            StoredEntry entry = reader.get(key).orElseThrow(() -> new AssertionError("absent: " + shorten(key)));
            assertThat(entry.head()).isEqualTo(head);
            try (Body stored = entry.body();
                    InputStream in = stored.openStream()) {
                assertThat(stored.sizeBytes()).isEqualTo(body.sizeBytes());
                assertThat(GeneratedBody.digest(in)).isEqualTo(body.integrity());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    final void assertAbsent(String key) {
        eventually(() -> {
            assertThat(driver.get(key)).as("get %s", shorten(key)).isEmpty();
            assertThat(driver.head(key)).isEmpty();
            assertThat(driver.has(key)).isFalse();
        });
    }

    final void assertListed(List<String> listed, List<String> expected) {
        if (can.orderedListing()) {
            Set<String> ordered = new TreeSet<>(KeyOrder.UTF8);
            ordered.addAll(expected);
            assertThat(listed).containsExactlyElementsOf(ordered);
        } else {
            assertThat(listed).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(new HashSet<>(expected));
        }
    }

    static List<String> list(StorageDriver driver, String prefix, @Nullable String startAfter) {
        List<String> keys = new ArrayList<>();
        try (Stream<String> stream = driver.list(prefix, startAfter)) {
            for (Iterator<String> each = stream.iterator(); each.hasNext(); ) {
                keys.add(each.next());
            }
        }
        return keys;
    }

    static byte[] bytes(StorageDriver driver, String key) {
        Optional<StoredEntry> entry = driver.get(key);
        try (Body body = entry.orElseThrow().body()) {
            return body.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String digest(StorageDriver driver, String key) {
        try (Body body = driver.get(key).orElseThrow().body();
                InputStream in = body.openStream()) {
            return GeneratedBody.digest(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs the assertion at once if the store is consistent after a write; otherwise retries it within
     * {@link #patience()}.
     */
    final void eventually(Runnable assertion) {
        long deadline =
                System.nanoTime() + (can.readAfterWrite() ? 0 : patience().toNanos());
        while (true) {
            try {
                assertion.run();
                return;
            } catch (AssertionError | RuntimeException e) {
                if (System.nanoTime() >= deadline) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    static void inParallel(Consumer<Integer> task, CountDownLatch start) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                all.add(executor.submit(() -> task.accept(number)));
            }
            start.countDown();
            for (Future<?> each : all) {
                each.get(120, TimeUnit.SECONDS);
            }
        } catch (ExecutionException e) {
            throw new AssertionError("a thread failed: " + e.getCause(), e.getCause());
        } finally {
            stop(executor);
        }
    }

    static void stop(ExecutorService executor) throws InterruptedException {
        executor.shutdownNow();
        if (!executor.awaitTermination(60, TimeUnit.SECONDS)) {
            fail("threads of the test did not end");
        }
    }

    static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    static String shorten(String key) {
        return key.length() <= 100 ? key : key.substring(0, 100) + "…";
    }
}
