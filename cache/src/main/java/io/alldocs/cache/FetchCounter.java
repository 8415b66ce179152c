package io.alldocs.cache;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the results of {@link Cache#fetch(CacheKey, CacheMode, Loader)} and notifies a listener. Safe for concurrent
 * use.
 */
final class FetchCounter {
    private final CacheListener listener;
    private final LongAdder hits = new LongAdder();
    private final LongAdder stale = new LongAdder();
    private final LongAdder revalidated = new LongAdder();
    private final LongAdder fetched = new LongAdder();
    private final LongAdder failed = new LongAdder();

    FetchCounter(CacheListener listener) {
        this.listener = listener;
    }

    void fetched(CacheKey key, CacheEntry entry) {
        switch (entry.source()) {
            case HIT -> hits.increment();
            case STALE -> stale.increment();
            case REVALIDATED -> revalidated.increment();
            case FETCHED -> fetched.increment();
        }
        listener.fetched(key, entry.source(), entry.head().sizeBytes());
    }

    void failed(CacheKey key, RuntimeException failure) {
        failed.increment();
        listener.fetchFailed(key, failure);
    }

    FetchCounts counts() {
        return new FetchCounts(hits.sum(), stale.sum(), revalidated.sum(), fetched.sum(), failed.sum());
    }
}
