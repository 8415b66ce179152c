package io.alldocs.cache.spi;

import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.run.BoundedRun;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Batch operations for stores that handle one value per request. Several requests run in parallel, and the first error
 * ends a batch.
 */
public final class ParallelBatches {
    private ParallelBatches() {}

    /**
     * Implements {@link StorageDriver#getBatch} with parallel calls of {@link StorageDriver#get}.
     *
     * @param concurrency maximum number of parallel requests, at least 1
     * @throws io.alldocs.cache.spi.StorageException if the driver throws it; the bodies that were already read are
     *     closed
     * @throws io.alldocs.OperationInterruptedException if the calling thread is interrupted
     */
    public static Map<String, StoredEntry> get(StorageDriver driver, Collection<String> keys, int concurrency) {
        return get(driver, keys, concurrency, BoundedRun.threadPerTask());
    }

    /**
     * Runs like {@link #get(StorageDriver, Collection, int)} on the threads of an executor, which is not closed. An
     * executor with fewer free threads than {@code concurrency} runs fewer requests in parallel.
     */
    public static Map<String, StoredEntry> get(
            StorageDriver driver, Collection<String> keys, int concurrency, Executor executor) {
        Set<String> distinct = new LinkedHashSet<>(keys);
        Map<String, StoredEntry> found = new ConcurrentHashMap<>();
        try {
            each(distinct, concurrency, executor, key -> driver.get(key).ifPresent(entry -> found.put(key, entry)));
        } catch (RuntimeException e) {
            found.values().forEach(entry -> entry.body().close());
            throw e;
        }
        Map<String, StoredEntry> ordered = new LinkedHashMap<>();
        for (String key : distinct) {
            StoredEntry entry = found.get(key);
            if (entry != null) {
                ordered.put(key, entry);
            }
        }
        return ordered;
    }

    /**
     * Implements {@link StorageDriver#putBatch} with parallel calls of {@link StorageDriver#put}.
     *
     * @param concurrency maximum number of parallel requests, at least 1
     * @throws io.alldocs.cache.spi.StorageException if the driver throws it; other entries may have been stored
     * @throws io.alldocs.OperationInterruptedException if the calling thread is interrupted
     */
    public static void put(StorageDriver driver, Map<String, StoredEntry> entries, int concurrency) {
        put(driver, entries, concurrency, BoundedRun.threadPerTask());
    }

    /**
     * Runs like {@link #put(StorageDriver, Map, int)} on the threads of an executor, which is not closed. An executor
     * with fewer free threads than {@code concurrency} runs fewer requests in parallel.
     */
    public static void put(StorageDriver driver, Map<String, StoredEntry> entries, int concurrency, Executor executor) {
        each(
                entries.entrySet(),
                concurrency,
                executor,
                entry -> driver.put(
                        entry.getKey(),
                        entry.getValue().head(),
                        entry.getValue().body()));
    }

    /**
     * Runs {@code task} for each of {@code items}, on new threads.
     *
     * @param concurrency maximum number of parallel tasks, at least 1
     * @throws RuntimeException the first exception that a task throws; other tasks may have completed
     * @throws io.alldocs.OperationInterruptedException if the calling thread is interrupted
     */
    public static <T> void each(Collection<T> items, int concurrency, Consumer<? super T> task) {
        each(items, concurrency, BoundedRun.threadPerTask(), task);
    }

    /**
     * Runs like {@link #each(Collection, int, Consumer)} on the threads of an executor, which is not closed. An
     * executor with fewer free threads than {@code concurrency} runs fewer tasks in parallel.
     */
    public static <T> void each(Collection<T> items, int concurrency, Executor executor, Consumer<? super T> task) {
        if (items.isEmpty()) {
            return;
        }
        BoundedRun.<T, T>run(
                items,
                Math.min(concurrency, items.size()),
                executor,
                item -> {
                    task.accept(item);
                    return item;
                },
                done -> EntrySource.HIT,
                done -> {},
                (item, error) -> {},
                error -> true);
    }
}
