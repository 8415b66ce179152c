package io.alldocs.cache;

import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;

/**
 * Receives notifications about {@link Cache#fetch(CacheKey, CacheMode, Loader)}. Every method has a default
 * implementation that does nothing.
 *
 * <p>Methods are called on the thread that called {@code fetch}, or on the cache's executor for a background refresh.
 * Calls may be concurrent, so an implementation must be safe for concurrent use, and should return quickly. An
 * exception that a method throws is logged, the first time as a warning, and the cache continues.
 */
public interface CacheListener {
    /** A listener that ignores everything. */
    CacheListener NONE = new CacheListener() {};

    /**
     * Called when a fetch returned an entry.
     *
     * @param source where the entry came from. For {@code HIT} and {@code STALE}, the loader did not run. For
     *     {@code REVALIDATED} and {@code FETCHED}, it ran in this call or in the call that this one waited for
     * @param sizeBytes size of the body as stored
     */
    default void fetched(CacheKey key, EntrySource source, long sizeBytes) {}

    /**
     * Called when a fetch failed with {@code failure}: nothing was stored in a mode that does not load, the loader
     * failed, or the store failed.
     */
    default void fetchFailed(CacheKey key, RuntimeException failure) {}

    /** Called when a loaded value of {@code sizeBytes} bytes was stored. */
    default void stored(CacheKey key, long sizeBytes) {}

    /** Called when a stored value does not match its recorded digest or cannot be read. The value is loaded again. */
    default void damaged(CacheKey key, IntegrityException damage) {}
}
