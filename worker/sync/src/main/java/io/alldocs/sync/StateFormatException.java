package io.alldocs.sync;

/** The job's state was written by a version of all-docs that this one cannot read. */
public final class StateFormatException extends SyncException {
    private static final long serialVersionUID = 1L;

    StateFormatException(String message) {
        super(message, null);
    }
}
