package io.alldocs.cache.spi;

import io.alldocs.AllDocsException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a store refuses a request or is unreachable. The message contains the driver, the key and the store's
 * response.
 */
public class StorageException extends AllDocsException {
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

    @Override
    public final boolean retryable() {
        return retryable;
    }
}
