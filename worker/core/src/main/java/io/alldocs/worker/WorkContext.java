package io.alldocs.worker;

import io.alldocs.cache.Cache;
import io.alldocs.cache.Env;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.function.BooleanSupplier;

/** What a {@link Processor} works with. Safe for concurrent use. */
public final class WorkContext {
    private final Env env;
    private final WorkQueue queue;
    private final WorkClients clients;
    private final BooleanSupplier stopping;

    WorkContext(Env env, WorkQueue queue, WorkClients clients, BooleanSupplier stopping) {
        this.env = env;
        this.queue = queue;
        this.clients = clients;
        this.stopping = stopping;
    }

    /** The same with another queue for the work that follows. */
    WorkContext with(WorkQueue other) {
        return new WorkContext(env, other, clients, stopping);
    }

    /** The worker's configuration. */
    public Env env() {
        return env;
    }

    /** Where entries are kept. */
    public Cache cache() {
        return clients.cache();
    }

    /** Where progress is kept: {@link #cache()}, unless its store is not consistent after a write. */
    public Cache checkpoints() {
        return clients.checkpoints();
    }

    /** Asks the origin of names; unless it was given to the worker, on {@link #checkpoints()}, from where pages can be read again at once. */
    public PartitionClient partitions() {
        return clients.partitions();
    }

    /** Asks the registry of packuments. */
    public PackumentClient packuments() {
        return clients.packuments();
    }

    /** What the worker tells the time by. */
    public Clock clock() {
        return cache().clock();
    }

    /**
     * Adds work that follows from this item. Before the item is done: an item that is done again adds the same ids, which are in the queue already.
     *
     * @return how many were added; the others were in the queue already
     * @throws io.alldocs.worker.spi.QueueException when the queue's server refuses or cannot be reached
     */
    public int enqueue(Collection<WorkItem> items) {
        return queue.enqueue(items, Duration.ZERO);
    }

    /** Whether the worker is about to stop: a long item that can go on later returns soon, or throws {@link InterruptedException} to be handed back. */
    public boolean isStopping() {
        return stopping.getAsBoolean();
    }
}
