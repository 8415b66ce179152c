package io.alldocs.worker.spi;

import io.alldocs.worker.WorkItem;
import java.time.Instant;
import java.util.Objects;

/**
 * A work item that the queue does not retry any more: it failed permanently, used all its attempts, or lost too many
 * leases.
 *
 * @param item the item as of its last attempt
 * @param reason why the last attempt failed, for people to read
 * @param at when the item became a dead letter, by the queue's clock
 */
public record DeadLetter(WorkItem item, String reason, Instant at) {

    /** Checks that every component is present. */
    public DeadLetter {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(at, "at");
    }
}
