package io.alldocs.worker.spi;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The outcome of a leased item. */
public sealed interface Settlement {

    /** Returns the lease to settle. */
    Lease lease();

    /** The item succeeded. The queue removes it, and its id may be enqueued again. */
    record Done(Lease lease) implements Settlement {

        /** Checks that the lease is present. */
        public Done {
            Objects.requireNonNull(lease, "lease");
        }
    }

    /**
     * The item failed. The queue retries it after a delay if it is {@code retryable} and
     * {@link QueueOptions#maxAttempts()} is not reached; otherwise the item becomes a dead letter.
     *
     * @param reason for people, without secrets; queues keep at most {@link WorkQueue#MAX_REASON_CHARS} characters of
     *     it
     * @param retryable false if another attempt would fail in the same way
     * @param after minimum delay before the next attempt, such as a {@code Retry-After}; null for the queue's own
     *     backoff. The longer of the two applies
     */
    record Failed(
            Lease lease,
            String reason,
            boolean retryable,
            @Nullable Duration after) implements Settlement {

        /**
         * Checks the required components.
         *
         * @throws IllegalArgumentException if {@code after} is negative
         */
        public Failed {
            Objects.requireNonNull(lease, "lease");
            Objects.requireNonNull(reason, "reason");
            if (after != null && after.isNegative()) {
                throw new IllegalArgumentException("The pause must not be negative, but is " + after + ".");
            }
        }
    }

    /**
     * The worker could not finish the item, possibly because of the item itself: for example, the worker ran out of
     * memory. This counts as a lost lease: the item returns to the head of its priority and the attempt does not count.
     * After {@link QueueOptions#maxLostLeases()} lost leases the item becomes a dead letter.
     *
     * @param reason for people, without secrets; queues keep at most {@link WorkQueue#MAX_REASON_CHARS} characters of
     *     it
     */
    record Lost(Lease lease, String reason) implements Settlement {

        /** Checks the required components. */
        public Lost {
            Objects.requireNonNull(lease, "lease");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * The worker returns the item unprocessed, for reasons unrelated to the item. The item returns to the head of its
     * priority, and the attempt does not count.
     */
    record Released(Lease lease) implements Settlement {

        /** Checks that the lease is present. */
        public Released {
            Objects.requireNonNull(lease, "lease");
        }
    }
}
