package io.alldocs.sync;

/** Thrown when another executor holds the job. */
public final class JobInUseException extends SyncException {
    private static final long serialVersionUID = 1L;

    JobInUseException(String message) {
        super(message, null);
    }

    /** Returns true: the other executor may end. */
    @Override
    public boolean retryable() {
        return true;
    }
}
