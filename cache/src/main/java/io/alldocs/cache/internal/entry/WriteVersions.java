package io.alldocs.cache.internal.entry;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Counts writes, so that a reader can detect writes since its last read. Many keys share a counter; a write to another
 * key causes only an additional read. Safe for concurrent use.
 */
public final class WriteVersions {
    private final AtomicIntegerArray counters = new AtomicIntegerArray(1024);

    /** Returns a number that changes whenever {@code key} is written. */
    public int of(String key) {
        return counters.get(slot(key));
    }

    /** Called before and after each write. */
    public void advance(String key) {
        counters.incrementAndGet(slot(key));
    }

    private int slot(String key) {
        int hash = key.hashCode();
        return (hash ^ (hash >>> 16)) & (counters.length() - 1);
    }
}
