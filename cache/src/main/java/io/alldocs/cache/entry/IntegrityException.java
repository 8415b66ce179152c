package io.alldocs.cache.entry;

import io.alldocs.AllDocsException;
import org.jspecify.annotations.Nullable;

/** Thrown when stored bytes differ from those that were written. The damaged bytes are not served. */
public final class IntegrityException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception. Drivers throw it too.
     *
     * @param message contains the key and the mismatch
     */
    public IntegrityException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Returns false: the stored bytes stay damaged until the entry is fetched again. */
    @Override
    public boolean retryable() {
        return false;
    }
}
