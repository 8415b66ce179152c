package io.alldocs.cache;

import org.jspecify.annotations.Nullable;

/** The calling thread was interrupted, or its future cancelled; the interrupt flag is set. What others wait for goes on. */
public final class OperationInterruptedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OperationInterruptedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
