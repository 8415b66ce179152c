package io.alldocs.worker;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An item failed, and its processor says whether another attempt may help. */
public final class WorkException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;
    private final @Nullable Duration after;

    private WorkException(String message, boolean retryable, @Nullable Duration after, @Nullable Throwable cause) {
        super(message, cause);
        this.retryable = retryable;
        this.after = after;
    }

    /**
     * Another attempt may help.
     *
     * @param message for people: becomes the reason of a dead letter; without secrets
     */
    public static WorkException temporary(String message, @Nullable Throwable cause) {
        return new WorkException(message, true, null, cause);
    }

    /** Another attempt may help, not before {@code after}. */
    public static WorkException temporary(String message, Duration after, @Nullable Throwable cause) {
        return new WorkException(message, true, after, cause);
    }

    /** Another attempt would fail alike: the item becomes a dead letter. */
    public static WorkException permanent(String message, @Nullable Throwable cause) {
        return new WorkException(message, false, null, cause);
    }

    /** Whether another attempt may help. */
    public boolean retryable() {
        return retryable;
    }

    /** The least pause before another attempt, if there must be one. */
    public Optional<Duration> after() {
        return Optional.ofNullable(after);
    }
}
