package io.alldocs.cache;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a store refuses a request or is unreachable. The message contains the driver, the key and the store's
 * response.
 */
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    /**
     * Creates an exception. Called by drivers.
     *
     * @param message contains the driver, the key and the store's response
     * @param retryable whether the same call may succeed later
     */
    public StorageException(String message, boolean retryable, @Nullable Throwable cause) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** Returns whether the same call may succeed later. */
    public final boolean retryable() {
        return retryable;
    }
}
