package io.alldocs.worker.internal.lease;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.http.AuthException;
import io.alldocs.http.RequestException;
import io.alldocs.packument.NotARegistryException;
import io.alldocs.worker.WorkException;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.Settlement;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides what an item's error means for the item and for its worker. All such decisions are made here.
 *
 * @param action what happens to the item
 * @param after minimum delay before the next attempt; null for the queue's own backoff
 */
public record FailureDecision(Action action, @Nullable Duration after) {
    private static final int MAX_REASON_CHARS = 500;
    private static final int MAX_CAUSES = 20;
    private static final Pattern LINE_END = Pattern.compile("\\R");

    public enum Action {
        RETRY,
        DEAD_LETTER,
        RELEASE,
        /**
         * The worker ran out of memory, possibly because of the item: this counts as a lost lease, and the worker
         * stops.
         */
        LOST,
        /**
         * The error would affect every item, so the item is returned and the worker stops. For example, an invalid
         * token then does not fill the queue with dead letters.
         */
        RELEASE_AND_STOP
    }

    public static FailureDecision of(Throwable error) {
        if (isOutOfMemory(error)) {
            return new FailureDecision(Action.LOST, null);
        }
        if (error instanceof WorkException failure) {
            return new FailureDecision(
                    failure.retryable() ? Action.RETRY : Action.DEAD_LETTER,
                    failure.after().orElse(null));
        }
        if (error instanceof InterruptedException
                || error instanceof OperationInterruptedException
                || (error instanceof QueueException queue && queue.retryable())) {
            return new FailureDecision(Action.RELEASE, null);
        }
        if (error instanceof AuthException
                || error instanceof NotARegistryException
                || (error instanceof StorageException store && !store.retryable())
                || error instanceof QueueException) {
            return new FailureDecision(Action.RELEASE_AND_STOP, null);
        }
        if (error instanceof RequestException request) {
            return new FailureDecision(
                    request.retryable() ? Action.RETRY : Action.DEAD_LETTER,
                    request.retryAfter().orElse(null));
        }
        return new FailureDecision(error instanceof IllegalArgumentException ? Action.DEAD_LETTER : Action.RETRY, null);
    }

    public Settlement settlement(Lease lease, Throwable error) {
        return switch (action) {
            case RETRY -> new Settlement.Failed(lease, reason(error), true, after);
            case DEAD_LETTER -> new Settlement.Failed(lease, reason(error), false, null);
            case RELEASE, RELEASE_AND_STOP -> new Settlement.Released(lease);
            case LOST ->
                new Settlement.Lost(
                        lease, "The worker ran out of memory while it held the lease on this item: " + reason(error));
        };
    }

    /** Returns whether the error is an OutOfMemoryError, possibly of another thread, in which case it is the cause. */
    public static boolean isOutOfMemory(Throwable error) {
        Throwable each = error;
        for (int depth = 0; each != null && depth < MAX_CAUSES; depth++) {
            if (each instanceof OutOfMemoryError) {
                return true;
            }
            each = each.getCause();
        }
        return false;
    }

    /** Returns the reason on one line for people; the error's type if there is no message. */
    public static String reason(Throwable error) {
        String message = error.getMessage();
        String text = message == null || message.isBlank() ? error.toString() : message;
        String line = LINE_END.splitAsStream(text)
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(" "));
        return line.length() <= MAX_REASON_CHARS ? line : line.substring(0, MAX_REASON_CHARS) + "…";
    }
}
