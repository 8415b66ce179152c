package io.alldocs.cache;

import org.jspecify.annotations.Nullable;

/** The calling thread was interrupted, or its future cancelled; the interrupt flag is set. What others wait for goes on. */
public final class OperationInterruptedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * The interrupt flag of the calling thread is to be set.
     *
     * @param cause null when the flag alone told of the interrupt
     */
    public OperationInterruptedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
