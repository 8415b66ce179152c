package io.alldocs.cache;

/**
 * Receives what {@link Cache#fetch(CacheKey, CacheMode, Loader)} does. Every method has a default that does nothing.
 *
 * <p>Methods are called on the thread that called {@code fetch}, or on the cache's executor for a refresh in the background, several at a time: an
 * implementation must be safe for concurrent use and return soon. What it throws reaches the caller of {@code fetch}.
 */
public interface CacheListener {
    /** Ignores everything. */
    CacheListener NONE = new CacheListener() {};

    /**
     * A call was answered.
     *
     * @param source {@code HIT} and {@code STALE} came from the store alone; {@code REVALIDATED} and {@code FETCHED} needed the loader, of this call or of one
     *     that it waited for
     * @param sizeBytes of the body as stored
     */
    default void fetched(CacheKey key, CacheEntry.Source source, long sizeBytes) {}

    /** A call failed with {@code failure}: nothing was stored in a mode that loads nothing, the loader failed, or the store did. */
    default void fetchFailed(CacheKey key, RuntimeException failure) {}

    /** A loaded value of {@code sizeBytes} bytes was stored. */
    default void stored(CacheKey key, long sizeBytes) {}

    /** What was stored differs from its recorded digest, or cannot be read; it is loaded again. */
    default void damaged(CacheKey key, IntegrityException damage) {}
}
