package io.alldocs.worker.spi;

import io.alldocs.AllDocsException;
import org.jspecify.annotations.Nullable;

/** Thrown when a queue's server refuses a request, is unreachable, or returns a response that is not a queue's. */
public final class QueueException extends AllDocsException {

    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    /**
     * Creates an exception.
     *
     * @param message the attempted operation, the queue, the response, and what to do; must not contain secrets
     * @param retryable whether the same call may succeed later
     */
    public QueueException(String message, boolean retryable, @Nullable Throwable cause) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** Returns whether the same call may succeed later. */
    @Override
    public boolean retryable() {
        return retryable;
    }
}
