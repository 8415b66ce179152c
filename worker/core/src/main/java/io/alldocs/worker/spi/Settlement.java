package io.alldocs.worker.spi;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What became of a leased item. */
public sealed interface Settlement {

    /** The lease that ends. */
    Lease lease();

    /** It is done: the queue forgets it, and its id may be added again. */
    record Done(Lease lease) implements Settlement {

        /** Checks that it is there. */
        public Done {
            Objects.requireNonNull(lease, "lease");
        }
    }

    /**
     * It failed. Tried again after a pause while {@link QueueOptions#maxAttempts()} allows and {@code retryable} says
     * so, else it becomes a dead letter.
     *
     * @param reason for people, without secrets; queues keep at most {@link WorkQueue#MAX_REASON_CHARS} characters of
     *     it
     * @param retryable false when another attempt would fail alike
     * @param after the least pause before another attempt, as a {@code Retry-After} wants it; null for the queue's own
     *     backoff. The longer one counts
     */
    record Failed(
            Lease lease,
            String reason,
            boolean retryable,
            @Nullable Duration after) implements Settlement {

        /**
         * Checks what must be there.
         *
         * @throws IllegalArgumentException when {@code after} is negative
         */
        public Failed {
            Objects.requireNonNull(lease, "lease");
            Objects.requireNonNull(reason, "reason");
            if (after != null && after.isNegative()) {
                throw new IllegalArgumentException("A pause is not negative: " + after);
            }
        }
    }

    /**
     * Its worker could not go on with it, and it may be the item's fault: the worker ran out of memory. Counts as a
     * lost lease: the item waits again at the head of its priority, the attempt does not count, and after
     * {@link QueueOptions#maxLostLeases()} of them the item becomes a dead letter.
     *
     * @param reason for people, without secrets; queues keep at most {@link WorkQueue#MAX_REASON_CHARS} characters of
     *     it
     */
    record Lost(Lease lease, String reason) implements Settlement {

        /** Checks what must be there. */
        public Lost {
            Objects.requireNonNull(lease, "lease");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * It was not done, for no fault of its own: it waits again at the head of its priority, where it was before, and
     * the attempt does not count.
     */
    record HandedBack(Lease lease) implements Settlement {

        /** Checks that it is there. */
        public HandedBack {
            Objects.requireNonNull(lease, "lease");
        }
    }
}
