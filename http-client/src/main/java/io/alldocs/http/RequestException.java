package io.alldocs.http;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A request that brought no usable answer. The message names method, redacted address, status, attempts and what to do.
 */
public abstract sealed class RequestException extends RuntimeException
        permits AuthException, CancelledException, PermanentException, TemporaryException {

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

    /** The last status received, empty when no answer came. */
    public OptionalInt status() {
        return status == 0 ? OptionalInt.empty() : OptionalInt.of(status);
    }

    /** Attempts made, each with its redirects; 0 when nothing was sent because it would have been unsafe. */
    public int attempts() {
        return attempts;
    }

    /** What the host asked to wait, if it did. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** Whether the same request may succeed later. */
    public abstract boolean retryable();
}
