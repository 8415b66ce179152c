package io.alldocs.cache;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Calls the listener of an application and catches its exceptions, so that they do not end a fetch. Safe for concurrent
 * use.
 */
final class GuardedCacheListener implements CacheListener {
    private static final System.Logger LOG = System.getLogger(Cache.class.getName());

    private final CacheListener listener;
    private final AtomicBoolean hasFailed = new AtomicBoolean();

    private GuardedCacheListener(CacheListener listener) {
        this.listener = listener;
    }

    /** Returns a listener that throws nothing. Returns {@link CacheListener#NONE} itself. */
    static CacheListener of(CacheListener listener) {
        return listener == NONE ? NONE : new GuardedCacheListener(listener);
    }

    private void call(Consumer<CacheListener> event) {
        try {
            event.accept(listener);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            if (e instanceof InterruptedException) { // other languages throw checked exceptions without declaring them
                Thread.currentThread().interrupt();
            }
            System.Logger.Level level =
                    hasFailed.getAndSet(true) ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
            LOG.log(
                    level,
                    "The listener of a cache failed; the cache continues. Its next failures are logged at DEBUG.",
                    e);
        }
    }

    @Override
    public void fetched(CacheKey key, CacheEntry.Source source, long sizeBytes) {
        call(each -> each.fetched(key, source, sizeBytes));
    }

    @Override
    public void fetchFailed(CacheKey key, RuntimeException failure) {
        call(each -> each.fetchFailed(key, failure));
    }

    @Override
    public void stored(CacheKey key, long sizeBytes) {
        call(each -> each.stored(key, sizeBytes));
    }

    @Override
    public void damaged(CacheKey key, IntegrityException damage) {
        call(each -> each.damaged(key, damage));
    }
}
