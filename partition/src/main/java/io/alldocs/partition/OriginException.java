package io.alldocs.partition;

import io.alldocs.AllDocsException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a response is not that of a CouchDB database. The URL may be wrong, an intermediary such as a proxy may
 * have responded instead, or the response was still damaged after retries. The message contains the response and what
 * to do.
 */
public final class OriginException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    private final int status;

    OriginException(String message, int status, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** Returns the HTTP status of the response. */
    public int status() {
        return status;
    }

    /** Returns false: the client has retried already, and the origin's URL or a proxy may be wrong. */
    @Override
    public boolean retryable() {
        return false;
    }
}
