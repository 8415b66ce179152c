package io.alldocs.cache;

/** Takes nothing. */
final class FailingDriver extends CountingDriver {
    private final RuntimeException error;

    FailingDriver(RuntimeException error) {
        this.error = error;
    }

    @Override
    public synchronized void put(String key, EntryHead head, Body body) {
        throw error;
    }
}
