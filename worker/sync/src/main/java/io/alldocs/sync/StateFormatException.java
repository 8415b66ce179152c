package io.alldocs.sync;

/** Thrown when a newer version of this library wrote the job's records. */
public final class StateFormatException extends SyncException {
    private static final long serialVersionUID = 1L;

    StateFormatException(String message) {
        super(message, null);
    }
}
