package io.alldocs.sync;

/** Thrown when the cache has no records of the job. */
public final class UnknownJobException extends SyncException {
    private static final long serialVersionUID = 1L;

    UnknownJobException(String message) {
        super(message, null);
    }
}
