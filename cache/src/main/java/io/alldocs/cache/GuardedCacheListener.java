package io.alldocs.cache;

import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.spi.ListenerGuard;

/**
 * Calls the listener of an application and catches its exceptions, so that they do not end a fetch. Safe for concurrent
 * use.
 */
final class GuardedCacheListener implements CacheListener {
    private final ListenerGuard<CacheListener> guard;

    private GuardedCacheListener(CacheListener listener) {
        this.guard = new ListenerGuard<>(listener, "cache", Cache.class);
    }

    /** Returns a listener that throws nothing. Returns {@link CacheListener#NONE} itself. */
    static CacheListener of(CacheListener listener) {
        return listener == NONE ? NONE : new GuardedCacheListener(listener);
    }

    @Override
    public void fetched(CacheKey key, EntrySource source, long sizeBytes) {
        guard.call(each -> each.fetched(key, source, sizeBytes));
    }

    @Override
    public void fetchFailed(CacheKey key, RuntimeException failure) {
        guard.call(each -> each.fetchFailed(key, failure));
    }

    @Override
    public void stored(CacheKey key, long sizeBytes) {
        guard.call(each -> each.stored(key, sizeBytes));
    }

    @Override
    public void damaged(CacheKey key, IntegrityException damage) {
        guard.call(each -> each.damaged(key, damage));
    }
}
