package io.alldocs.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Thrown when the calling thread was interrupted; its interrupt flag is set. */
public final class RequestInterruptedException extends RequestException {

    private static final long serialVersionUID = 1L;

    RequestInterruptedException(
            String message, int status, int attempts, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, status, attempts, retryAfter, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
