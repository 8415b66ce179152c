package io.alldocs.cache;

import org.jspecify.annotations.Nullable;

/** Stored bytes are not what was stored. They were not served. */
public final class IntegrityException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The message names the key, and says what does not fit; drivers throw this too. */
    public IntegrityException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
