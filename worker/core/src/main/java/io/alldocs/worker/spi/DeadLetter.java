package io.alldocs.worker.spi;

import io.alldocs.worker.WorkItem;
import java.time.Instant;
import java.util.Objects;

/**
 * An item that was given up.
 *
 * @param item as it was tried last
 * @param reason of its last failure, for people
 * @param at when it was given up, by the queue's clock
 */
public record DeadLetter(WorkItem item, String reason, Instant at) {

    /** Checks that all is there. */
    public DeadLetter {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(at, "at");
    }
}
