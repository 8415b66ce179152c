package io.alldocs.worker;

import io.alldocs.AllDocsException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Thrown by a processor when an item failed, stating whether a retry may succeed. */
public final class WorkException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;
    private final @Nullable Duration after;

    private WorkException(String message, boolean retryable, @Nullable Duration after, @Nullable Throwable cause) {
        super(message, cause);
        this.retryable = retryable;
        this.after = after;
    }

    /**
     * Creates an exception for a failure that may succeed on retry.
     *
     * @param message for people; becomes the reason of a dead letter; must not contain secrets
     */
    public static WorkException temporary(String message, @Nullable Throwable cause) {
        return new WorkException(message, true, null, cause);
    }

    /** Creates an exception for a failure that may succeed on retry, after at least {@code after}. */
    public static WorkException temporary(String message, Duration after, @Nullable Throwable cause) {
        return new WorkException(message, true, after, cause);
    }

    /** Creates an exception for a failure that would repeat: the item becomes a dead letter. */
    public static WorkException permanent(String message, @Nullable Throwable cause) {
        return new WorkException(message, false, null, cause);
    }

    /** Returns whether a retry may succeed. */
    @Override
    public boolean retryable() {
        return retryable;
    }

    /** Returns the minimum delay before the next attempt, if there is one. */
    public Optional<Duration> after() {
        return Optional.ofNullable(after);
    }
}
