package io.alldocs.http;

import io.alldocs.AllDocsException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a request produced no usable response. The message contains the method, the redacted address, the status,
 * the number of attempts and the recommended action.
 */
public abstract sealed class RequestException extends AllDocsException
        permits AuthException, PermanentException, TemporaryException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final int attempts;
    private final @Nullable Duration retryAfter;

    RequestException(
            String message, int status, int attempts, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.attempts = attempts;
        this.retryAfter = retryAfter;
    }

    /** Returns the last status received; empty if no response arrived. */
    public OptionalInt status() {
        return status == 0 ? OptionalInt.empty() : OptionalInt.of(status);
    }

    /**
     * Returns the number of attempts, each with its redirects; 0 if nothing was sent because it would have been unsafe.
     */
    public int attempts() {
        return attempts;
    }

    /** Returns the wait that the host requested; empty if it requested none. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
