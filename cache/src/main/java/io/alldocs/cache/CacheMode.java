package io.alldocs.cache;

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
    /** Serves a stored entry whatever its age; loads only on a miss. */
    FORCE_CACHE,
    /** Serves a stored entry whatever its age; a miss is an error. */
    ONLY_IF_CACHED
}
