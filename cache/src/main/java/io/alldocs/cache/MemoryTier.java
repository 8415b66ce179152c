package io.alldocs.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps verified entries in memory, up to a number of bytes, in front of the store. An entry larger than an eighth of
 * the limit is not kept. Writes of other processes become visible only when an entry is revalidated or evicted. Safe
 * for concurrent use.
 */
final class MemoryTier {
    /** Approximate size of the metadata, its strings and the map's own structures. */
    private static final int OVERHEAD_BYTES = 1024;

    private final com.github.benmanes.caffeine.cache.@Nullable Cache<String, Stored> entries;
    private final long largestBytes;

    MemoryTier(long bytes) {
        this.largestBytes = bytes / 8;
        this.entries = bytes == 0
                ? null
                : Caffeine.newBuilder()
                        .maximumWeight(bytes)
                        .executor(Runnable::run)
                        .weigher((String key, Stored stored) -> (int) Math.min(Integer.MAX_VALUE, weight(stored)))
                        .build();
    }

    private static long weight(Stored stored) {
        return OVERHEAD_BYTES + stored.body().sizeBytes();
    }

    Optional<Stored> get(String key) {
        return entries == null ? Optional.empty() : Optional.ofNullable(entries.getIfPresent(key));
    }

    void put(String key, Stored stored) {
        if (entries != null && stored.body() instanceof MemoryBody && weight(stored) <= largestBytes) {
            entries.put(key, stored);
        }
    }

    void remove(String key) {
        if (entries != null) {
            entries.invalidate(key);
        }
    }
}
