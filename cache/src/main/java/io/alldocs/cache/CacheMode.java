package io.alldocs.cache;

import io.alldocs.cache.entry.EntryMetadata;
import java.time.Instant;

/**
 * How a fetch uses stored entries. Names and meanings are those of npm's make-fetch-happen and of the Fetch standard.
 */
public enum CacheMode {
    /**
     * Serves fresh entries and revalidates stale ones. Within stale-while-revalidate, serves a stale entry and
     * revalidates it in the background.
     */
    DEFAULT,
    /** Neither reads nor writes the cache. */
    NO_STORE,
    /** Always loads the complete value, without validators, and stores the result. */
    RELOAD,
    /** Always revalidates, then stores the result. */
    NO_CACHE,
    /**
     * Serves a stored entry whatever its age; loads only on a miss. An entry with a
     * {@linkplain EntryMetadata#isDoubtful() doubtful} outcome, or a partition that another program stored, is loaded
     * again.
     */
    FORCE_CACHE,
    /** Serves a stored entry whatever its age; a miss is an error. */
    ONLY_IF_CACHED;

    /** Returns whether this mode serves a stored entry whatever its age. */
    public boolean ignoresAge() {
        return this == FORCE_CACHE || this == ONLY_IF_CACHED;
    }

    /** Returns whether this mode may load a value from the origin. */
    public boolean loads() {
        return this != ONLY_IF_CACHED;
    }

    /** Returns whether this mode reads stored entries before it loads. */
    public boolean reads() {
        return this != NO_STORE && this != RELOAD;
    }

    /** Returns whether this mode writes to the store. */
    public boolean stores() {
        return this != NO_STORE;
    }

    /**
     * Returns whether this mode serves a stored entry without a request to the origin.
     *
     * @param key key of the entry
     * @param head metadata of the entry
     */
    public boolean serves(CacheKey key, EntryMetadata head, Instant now) {
        return serves(key, head, this == DEFAULT && head.isFresh(now));
    }

    /** Returns the same for an entry whose freshness is known. */
    boolean serves(CacheKey key, EntryMetadata head, boolean isFresh) {
        return switch (this) {
            case ONLY_IF_CACHED -> true;
            case FORCE_CACHE -> isReliable(key, head);
            case DEFAULT -> isFresh && isReliable(key, head);
            case NO_STORE, RELOAD, NO_CACHE -> false;
        };
    }

    /** Returns whether this mode serves a stale entry now, and revalidates it in the background. */
    boolean servesWhileRevalidating(CacheKey key, EntryMetadata head, Instant now) {
        return this == DEFAULT && isReliable(key, head) && head.mayServeWhileRevalidating(now);
    }

    /**
     * Returns whether the entry is what the origin sent. It is not if its outcome is doubtful, or if another program
     * stored a partition: such a partition may be truncated.
     */
    private static boolean isReliable(CacheKey key, EntryMetadata head) {
        return !head.isDoubtful() && (head.form() != null || key.kind() != CacheKey.Kind.PARTITION);
    }
}
