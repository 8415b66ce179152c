package io.alldocs.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Thrown when every attempt was throttled, failed with a 5xx status, timed out or was cut off. */
public final class TemporaryException extends RequestException {

    private static final long serialVersionUID = 1L;

    TemporaryException(
            String message, int status, int attempts, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, status, attempts, retryAfter, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
