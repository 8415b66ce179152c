package io.alldocs.sync;

/** The cache has no records of the job. */
public final class UnknownJobException extends SyncException {
    private static final long serialVersionUID = 1L;

    UnknownJobException(String message) {
        super(message, null);
    }
}
