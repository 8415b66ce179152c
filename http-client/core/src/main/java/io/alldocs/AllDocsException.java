package io.alldocs;

import org.jspecify.annotations.Nullable;

/**
 * The root of the exceptions that this library throws for failures of a network, a store, a registry, a queue or a job.
 * Its message says what failed, on which key or URL, what came back and what to do, and contains no secrets. Wrong
 * arguments and wrong configuration are an {@link IllegalArgumentException} instead, and the use of a closed object is
 * an {@link IllegalStateException}.
 */
public abstract class AllDocsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception without a cause. */
    protected AllDocsException(String message) {
        super(message);
    }

    /**
     * Creates an exception.
     *
     * @param cause null if no other exception caused it
     */
    protected AllDocsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Returns whether the same call may succeed later, without a change of its arguments or of the configuration. */
    public abstract boolean retryable();
}
