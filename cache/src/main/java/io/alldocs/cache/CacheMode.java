package io.alldocs.cache;

/** How a fetch uses what is stored; names and meanings are those of npm's make-fetch-happen and the Fetch standard. */
public enum CacheMode {
    /** Fresh entries answer; stale ones are revalidated (or served while being revalidated within stale-while-revalidate). */
    DEFAULT,
    /** Nothing is read or written. */
    NO_STORE,
    /** Always loaded without validators, then stored. */
    RELOAD,
    /** Always revalidated, then stored. */
    NO_CACHE,
    /** Whatever is stored answers, however old; only a miss is loaded. */
    FORCE_CACHE,
    /** Whatever is stored answers; a miss is an error. */
    ONLY_IF_CACHED
}
