package io.alldocs.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verified entries in memory, bounded in bytes, in front of the store. Entries larger than an eighth of the bound stay out. Other processes' writes
 * are noticed only when an entry is revalidated or falls out. Safe for concurrent use.
 */
final class MemoryTier {
    /** A head, its strings and the map's own structures, roughly. */
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
