package io.alldocs.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Thrown for a response that a retry will not change. */
public final class PermanentException extends RequestException {

    private static final long serialVersionUID = 1L;

    PermanentException(
            String message, int status, int attempts, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, status, attempts, retryAfter, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
