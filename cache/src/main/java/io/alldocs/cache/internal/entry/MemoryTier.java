package io.alldocs.cache.internal.entry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps verified entries in memory, up to a number of bytes, in front of the store. An entry larger than an eighth of
 * the limit is not kept. Writes of other processes become visible only when an entry is revalidated or evicted. Safe
 * for concurrent use.
 */
public final class MemoryTier<V> {
    /** Approximate size of the metadata, its strings and the map's own structures. */
    private static final int OVERHEAD_BYTES = 1024;

    private final @Nullable Cache<String, V> entries;
    private final long largestBytes;
    private final ToLongFunction<V> size;

    /**
     * Creates an empty tier.
     *
     * @param bytes limit of all entries together; 0 to keep none
     * @param size returns the bytes of an entry's body
     */
    public MemoryTier(long bytes, ToLongFunction<V> size) {
        this.size = size;
        this.largestBytes = bytes / 8;
        this.entries = bytes == 0
                ? null
                : Caffeine.newBuilder()
                        .maximumWeight(bytes)
                        .executor(Runnable::run)
                        .weigher((String key, V value) -> (int) Math.min(Integer.MAX_VALUE, weight(value)))
                        .build();
    }

    private long weight(V value) {
        return OVERHEAD_BYTES + size.applyAsLong(value);
    }

    /** Returns the entry of {@code key} if it is kept. */
    public Optional<V> get(String key) {
        return entries == null ? Optional.empty() : Optional.ofNullable(entries.getIfPresent(key));
    }

    /** Keeps an entry, unless it is too large. */
    public void put(String key, V value) {
        if (entries != null && weight(value) <= largestBytes) {
            entries.put(key, value);
        }
    }

    /** Removes the entry of {@code key}. */
    public void remove(String key) {
        if (entries != null) {
            entries.invalidate(key);
        }
    }
}
