package io.alldocs.worker;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.worker.internal.context.ItemContext;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;

/** The environment in which a {@link Processor} runs. Safe for concurrent use. */
public final class WorkContext {
    private final ItemContext item;

    WorkContext(ItemContext item) {
        this.item = item;
    }

    /** Returns what the worker's own processors get. */
    ItemContext item() {
        return item;
    }

    /** Returns the worker's configuration. */
    public Env env() {
        return item.env();
    }

    /** Returns the cache that stores entries. */
    public Cache cache() {
        return item.cache();
    }

    /**
     * Returns the cache that stores progress: {@link #cache()}, unless its store lacks read-after-write consistency.
     */
    public Cache checkpoints() {
        return item.checkpoints();
    }

    /**
     * Returns the client that lists names from the origin. Unless it was passed to the worker, it uses
     * {@link #checkpoints()}, where stored pages are readable at once.
     */
    public PartitionClient partitions() {
        return item.partitions();
    }

    /** Returns the client that fetches packuments from the registry. */
    public PackumentClient packuments() {
        return item.packuments();
    }

    /** Returns the worker's clock. */
    public Clock clock() {
        return item.clock();
    }

    /**
     * Enqueues follow-up items. Call it before the item finishes: if the item is processed again, it adds the same ids,
     * which are already in the queue.
     *
     * @return how many items were added; the others were already in the queue
     * @throws io.alldocs.worker.spi.QueueException if the queue's server refuses or is unreachable
     */
    public int enqueue(Collection<WorkItem> items) {
        return enqueue(items, Duration.ZERO);
    }

    /**
     * Enqueues follow-up items like {@link #enqueue(Collection)}; they are not leased before {@code delay} has passed.
     *
     * @throws IllegalArgumentException if the delay is negative
     */
    public int enqueue(Collection<WorkItem> items, Duration delay) {
        return item.enqueue(items, delay);
    }

    /**
     * Returns whether the worker is about to stop. A long-running item that can be resumed should return soon, or throw
     * {@link InterruptedException} to return to the queue.
     */
    public boolean isStopping() {
        return item.isStopping();
    }
}
