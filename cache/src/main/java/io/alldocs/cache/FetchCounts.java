package io.alldocs.cache;

import java.util.OptionalDouble;

/**
 * Counts of the results of {@link Cache#fetch(CacheKey, CacheMode, Loader)}.
 *
 * @param hits calls that returned a fresh stored entry
 * @param stale calls that returned a stale stored entry, as the mode or stale-while-revalidate allows
 * @param revalidated calls that returned a stored entry after the loader reported that it is unchanged
 * @param fetched calls that returned a loaded entry
 * @param failed calls that failed with an exception
 */
public record FetchCounts(long hits, long stale, long revalidated, long fetched, long failed) {
    /** Returns the total number of calls. */
    public long calls() {
        return hits + stale + revalidated + fetched + failed;
    }

    /**
     * Returns the share, 0 to 1, of calls that were served from the store without the loader; empty if there were no
     * calls.
     */
    public OptionalDouble hitRatio() {
        long calls = calls();
        return calls == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) (hits + stale) / calls);
    }
}
