package io.alldocs.sync;

import org.jspecify.annotations.Nullable;

/** The root of the exceptions of jobs that cannot run as they are configured. */
public abstract class SyncException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SyncException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
