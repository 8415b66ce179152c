package io.alldocs.worker.spi;

import io.alldocs.worker.WorkItem;
import java.util.Objects;

/**
 * An item that a queue handed out, and the right to settle it. The right ends when the item is settled, or when the
 * lease was not renewed for {@link QueueOptions#lease()}: the queue then hands the item to another worker.
 *
 * @param item with {@link WorkItem#attempts()} counting this attempt too: 1 at the first
 * @param token tells this lease from all others of the queue; not empty
 * @param lostLeases how many leases of this item were lost before: they ran out, or a worker settled them as
 *     {@link Settlement.Lost}; 0 or more
 */
public record Lease(WorkItem item, String token, int lostLeases) {

    /** Checks that both are there. */
    public Lease {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(token, "token");
    }

    /** A lease of an item that lost none before. */
    public Lease(WorkItem item, String token) {
        this(item, token, 0);
    }

    /**
     * Whether the item becomes a dead letter if this lease is lost too. A worker runs such an item while it holds no
     * other: if the item ends the worker, no other item loses a lease with it.
     */
    public boolean isLastChance(QueueOptions options) {
        return lostLeases > 0 && lostLeases >= options.maxLostLeases() - 1;
    }
}
