package io.alldocs.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Thrown when the origin refuses the credentials, or requires credentials and none were sent: status 401 or 403. */
public final class AuthException extends RequestException {

    private static final long serialVersionUID = 1L;

    AuthException(String message, int status, int attempts, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, status, attempts, retryAfter, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
