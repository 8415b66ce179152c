package io.alldocs.spring;

import io.alldocs.Env;
import io.alldocs.cache.Cache;

/**
 * The cache for the progress of jobs. It is not a bean of type {@link Cache}, because an application injects the cache
 * of packuments.
 *
 * @param isOwn whether it is another cache than that of packuments, and closed here
 */
record Checkpoints(Cache cache, boolean isOwn) implements AutoCloseable {

    /** Returns the cache that the environment names for checkpoints, else {@code entries}. */
    static Checkpoints of(Env env, Cache entries) {
        return Cache.forCheckpoints(env)
                .map(own -> new Checkpoints(own, true))
                .orElseGet(() -> new Checkpoints(entries, false));
    }

    @Override
    public void close() {
        if (isOwn) {
            cache.close();
        }
    }
}
