package io.alldocs.cache;

import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.internal.run.RequestCoalescer;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Decides by mode and freshness whether a call returns the stored entry or runs its loader. Safe for concurrent use.
 */
final class Fetches {
    private static final System.Logger LOG = System.getLogger(Cache.class.getName());

    private final EntryStore store;
    private final StoredLoads loads;
    private final RequestCoalescer<CacheEntry> coalescer;
    private final Clock clock;
    private final Executor executor;
    private final Set<String> refreshing = ConcurrentHashMap.newKeySet();

    Fetches(
            EntryStore store,
            StoredLoads loads,
            RequestCoalescer<CacheEntry> coalescer,
            Clock clock,
            Executor executor) {
        this.store = store;
        this.loads = loads;
        this.coalescer = coalescer;
        this.clock = clock;
        this.executor = executor;
    }

    /** Implements {@link Cache#fetch(CacheKey, CacheMode, Loader)}. */
    CacheEntry fetch(CacheKey key, CacheMode mode, Loader loader) {
        if (!mode.stores()) {
            return loads.load(key, loader);
        }
        String text = key.toString();
        if (!mode.reads()) {
            return coalescer.join(text, true, () -> loads.loadAndStore(key, loader, Optional.empty(), true));
        }
        int generation = store.generation(text);
        Optional<Stored> stored = loads.usable(key);
        Optional<CacheEntry> answer = answer(key, mode, stored, generation, loader);
        if (answer.isPresent()) {
            return answer.get();
        }
        try {
            return coalescer.join(text, false, () -> {
                int now = store.generation(text);
                if (now == generation) {
                    return loads.loadAndStore(key, loader, stored, false);
                }
                // Another load has ended since the entry was read.
                Optional<Stored> latest = loads.usable(key);
                return answer(key, mode, latest, now, loader).orElseGet(() -> loadAgain(key, loader, latest));
            });
        } finally {
            stored.ifPresent(Stored::close);
        }
    }

    private CacheEntry loadAgain(CacheKey key, Loader loader, Optional<Stored> stored) {
        try {
            return loads.loadAndStore(key, loader, stored, false);
        } finally {
            stored.ifPresent(Stored::close);
        }
    }

    /** Returns an entry that owns the stored body if the mode allows it to be served. */
    private Optional<CacheEntry> answer(
            CacheKey key, CacheMode mode, Optional<Stored> stored, int generation, Loader loader) {
        if (stored.isEmpty()) {
            if (!mode.loads()) {
                throw new NotCachedException(
                        "The cache has no usable entry for " + key + ", and the mode only-if-cached sends no request.");
            }
            return Optional.empty();
        }
        Instant now = clock.instant();
        CacheEntry entry = StoredLoads.stored(stored.get(), now);
        if (mode.serves(key, entry.head(), entry.source() == EntrySource.HIT)) {
            return Optional.of(entry);
        }
        if (mode.servesWhileRevalidating(key, entry.head(), now)) {
            refresh(key, loader, stored.get(), generation);
            return Optional.of(entry);
        }
        return Optional.empty();
    }

    private void refresh(CacheKey key, Loader loader, Stored stored, int generation) {
        String text = key.toString();
        if (!refreshing.add(text)) {
            return;
        }
        // The caller may close its entry before the refresh runs.
        Stored own = stored.share();
        try {
            executor.execute(() -> {
                try (own) {
                    coalescer.leadIfFree(
                            text,
                            () -> store.generation(text) == generation
                                    ? loads.loadAndStore(key, loader, Optional.of(own), false)
                                    : refreshAgain(key, loader));
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.DEBUG, "Cannot refresh " + key + " in the background", e);
                } finally {
                    refreshing.remove(text);
                }
            });
        } catch (RejectedExecutionException e) {
            own.close();
            refreshing.remove(text);
            LOG.log(System.Logger.Level.DEBUG, "No thread is available to refresh " + key + " in the background", e);
        }
    }

    /** Handles an entry that was written while its refresh waited for a thread. */
    private CacheEntry refreshAgain(CacheKey key, Loader loader) {
        Optional<Stored> latest = loads.usable(key);
        return latest.map(entry -> StoredLoads.stored(entry, clock.instant()))
                .filter(entry -> entry.source() == EntrySource.HIT)
                .orElseGet(() -> loadAgain(key, loader, latest));
    }
}
