package io.alldocs.worker.spi;

import io.alldocs.worker.WorkItem;
import java.util.Objects;

/**
 * An item that a queue handed out, and the right to settle it. The right ends when the item is settled, or when the lease was not renewed for
 * {@link QueueOptions#lease()}: the item is then handed to another.
 *
 * @param item with {@link WorkItem#attempts()} counting this attempt too: 1 at the first
 * @param token tells this lease from all others of the queue; not empty
 */
public record Lease(WorkItem item, String token) {

    /** Checks that both are there. */
    public Lease {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(token, "token");
    }
}
