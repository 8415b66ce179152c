package io.alldocs.sync;

/** The cache holds nothing of the job. */
public final class UnknownJobException extends SyncException {
    private static final long serialVersionUID = 1L;

    UnknownJobException(String message) {
        super(message, null);
    }
}
