package io.alldocs.cache;

/** A driver that fails every put with an exception. */
public final class FailingDriver extends CountingDriver {
    private final RuntimeException error;

    public FailingDriver(RuntimeException error) {
        this.error = error;
    }

    @Override
    public synchronized void put(String key, EntryHead head, Body body) {
        throw error;
    }
}
