package io.alldocs.worker.spi;

import org.jspecify.annotations.Nullable;

/** A queue's server refused, cannot be reached, or answered with something that is not a queue's. */
public final class QueueException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    /**
     * A failure.
     *
     * @param message what was attempted, on which queue, what came back, what to do; without secrets
     * @param retryable whether the same call may succeed later
     */
    public QueueException(String message, boolean retryable, @Nullable Throwable cause) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** Whether the same call may succeed later. */
    public boolean retryable() {
        return retryable;
    }
}
