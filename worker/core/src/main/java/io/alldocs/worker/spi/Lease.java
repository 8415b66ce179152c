package io.alldocs.worker.spi;

import io.alldocs.worker.WorkItem;
import java.util.Objects;

/**
 * A leased work item, together with the right to settle it. The lease ends when the item is settled. It also ends when
 * it is not renewed within {@link QueueOptions#lease()}: the queue then gives the item to another worker.
 *
 * @param item the leased item; its {@link WorkItem#attempts()} includes this attempt, so it is 1 on the first
 * @param token identifies this lease among all leases of the queue; not empty
 * @param lostLeases how many earlier leases of this item were lost, because they expired or a worker settled them as
 *     {@link Settlement.Lost}; 0 or more
 */
public record Lease(WorkItem item, String token, int lostLeases) {

    /** Checks that item and token are present. */
    public Lease {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(token, "token");
    }

    /** Creates a lease of an item that has lost no earlier lease. */
    public Lease(WorkItem item, String token) {
        this(item, token, 0);
    }

    /**
     * Returns whether the item becomes a dead letter if this lease is lost too. A worker runs such an item only while
     * it holds no other item. If the item then crashes the worker, no other lease is lost.
     */
    public boolean isLastChance(QueueOptions options) {
        return lostLeases > 0 && lostLeases >= options.maxLostLeases() - 1;
    }
}
