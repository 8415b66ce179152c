package io.alldocs;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by every blocking call when the calling thread was interrupted or its future was cancelled. The interrupt flag
 * of the thread is set. Work that other threads wait for continues.
 */
public final class OperationInterruptedException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception. The caller must set the interrupt flag of its thread.
     *
     * @param cause null if only the flag indicated the interrupt
     */
    public OperationInterruptedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Returns false: the application decides whether to repeat a call that it interrupted. */
    @Override
    public boolean retryable() {
        return false;
    }
}
