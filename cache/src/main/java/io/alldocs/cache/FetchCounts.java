package io.alldocs.cache;

import java.util.OptionalDouble;

/**
 * How calls of {@link Cache#fetch(CacheKey, CacheMode, Loader)} were answered.
 *
 * @param hits from the store, fresh
 * @param stale from the store, no longer fresh, because the mode or stale-while-revalidate allowed it
 * @param revalidated from the store, after the loader said that nothing changed
 * @param fetched by the loader
 * @param failed with an exception
 */
public record FetchCounts(long hits, long stale, long revalidated, long fetched, long failed) {
    /** Calls in all. */
    public long calls() {
        return hits + stale + revalidated + fetched + failed;
    }

    /** The share, 0 to 1, of calls that the store answered without the loader; empty when there was no call. */
    public OptionalDouble hitRatio() {
        long calls = calls();
        return calls == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) (hits + stale) / calls);
    }
}
