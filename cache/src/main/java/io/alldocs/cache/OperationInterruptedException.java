package io.alldocs.cache;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when the calling thread was interrupted or its future cancelled. The interrupt flag is set. Work that other
 * threads wait for continues.
 */
public final class OperationInterruptedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception. The caller must set the interrupt flag of its thread.
     *
     * @param cause null if only the flag indicated the interrupt
     */
    public OperationInterruptedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
