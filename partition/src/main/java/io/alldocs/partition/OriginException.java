package io.alldocs.partition;

import org.jspecify.annotations.Nullable;

/**
 * The origin answered, but not as a CouchDB database does: the address is wrong, something in between answers in its place, or its answer stayed
 * damaged when it was asked again. The message says what came back and what to do.
 */
public final class OriginException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    OriginException(String message, int status, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** HTTP status of the answer. */
    public int status() {
        return status;
    }
}
