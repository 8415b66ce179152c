package io.alldocs.cache;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;

/** A driver that fails every put with an exception. */
public final class FailingDriver extends CountingDriver {
    private final RuntimeException error;

    public FailingDriver(RuntimeException error) {
        this.error = error;
    }

    @Override
    public synchronized void put(String key, EntryMetadata head, Body body) {
        throw error;
    }
}
