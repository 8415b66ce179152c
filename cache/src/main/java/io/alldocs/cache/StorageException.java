package io.alldocs.cache;

import org.jspecify.annotations.Nullable;

/** A store refused or could not be reached. The message names driver, key and what came back. */
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    /**
     * For drivers.
     *
     * @param message names driver and key, and says what came back
     * @param retryable whether the same call may succeed later
     */
    public StorageException(String message, boolean retryable, @Nullable Throwable cause) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** Whether the same call may succeed later. */
    public final boolean retryable() {
        return retryable;
    }
}
