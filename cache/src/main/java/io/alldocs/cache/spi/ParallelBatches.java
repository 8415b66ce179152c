package io.alldocs.cache.spi;

import io.alldocs.cache.BoundedRun;
import io.alldocs.cache.CacheEntry;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Batches for stores that take one value in a request: several requests at a time. The first error ends a batch. */
public final class ParallelBatches {
    private ParallelBatches() {}

    /**
     * As {@link StorageDriver#getBatch}, by {@link StorageDriver#get}.
     *
     * @param concurrency requests at a time, at least 1
     * @throws io.alldocs.cache.StorageException as the driver throws it; what was read by then is closed
     * @throws io.alldocs.cache.OperationInterruptedException when the calling thread is interrupted
     */
    public static Map<String, StoredEntry> get(StorageDriver driver, Collection<String> keys, int concurrency) {
        Set<String> distinct = new LinkedHashSet<>(keys);
        Map<String, StoredEntry> found = new ConcurrentHashMap<>();
        try {
            each(distinct, concurrency, key -> driver.get(key).ifPresent(entry -> found.put(key, entry)));
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
     * As {@link StorageDriver#putBatch}, by {@link StorageDriver#put}.
     *
     * @param concurrency requests at a time, at least 1
     * @throws io.alldocs.cache.StorageException as the driver throws it; other entries may have been stored
     * @throws io.alldocs.cache.OperationInterruptedException when the calling thread is interrupted
     */
    public static void put(StorageDriver driver, Map<String, StoredEntry> entries, int concurrency) {
        each(
                entries.entrySet(),
                concurrency,
                entry -> driver.put(
                        entry.getKey(),
                        entry.getValue().head(),
                        entry.getValue().body()));
    }

    /**
     * Does {@code task} for each of {@code items}, on threads of its own.
     *
     * @param concurrency tasks at a time, at least 1
     * @throws RuntimeException the first that a task throws; other tasks may have been done
     * @throws io.alldocs.cache.OperationInterruptedException when the calling thread is interrupted
     */
    public static <T> void each(Collection<T> items, int concurrency, Consumer<? super T> task) {
        if (items.isEmpty()) {
            return;
        }
        BoundedRun.<T, T>run(
                items,
                Math.min(concurrency, items.size()),
                item -> {
                    task.accept(item);
                    return item;
                },
                done -> CacheEntry.Source.HIT,
                done -> {},
                (item, error) -> {},
                error -> true);
    }
}
