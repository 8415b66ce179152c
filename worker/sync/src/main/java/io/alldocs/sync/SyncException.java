package io.alldocs.sync;

import org.jspecify.annotations.Nullable;

/** A job cannot be done as it was asked for. */
public abstract class SyncException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SyncException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
