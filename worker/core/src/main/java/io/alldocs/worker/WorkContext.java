package io.alldocs.worker;

import io.alldocs.cache.Cache;
import io.alldocs.cache.Env;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncJob;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** What a {@link Processor} works with. Safe for concurrent use. */
public final class WorkContext {
    private final Env env;
    private final WorkQueue queue;
    private final WorkClients clients;
    private final BooleanSupplier stopping;
    private final Hold hold;
    private final boolean isInline;
    private final List<Runnable> atEnd = new CopyOnWriteArrayList<>();

    WorkContext(Env env, WorkQueue queue, WorkClients clients, BooleanSupplier stopping) {
        this(env, queue, clients, stopping, Hold.FOREVER, false);
    }

    private WorkContext(
            Env env, WorkQueue queue, WorkClients clients, BooleanSupplier stopping, Hold hold, boolean isInline) {
        this.env = env;
        this.queue = queue;
        this.clients = clients;
        this.stopping = stopping;
        this.hold = hold;
        this.isInline = isInline;
    }

    /** The same with another queue for the work that follows, which the same thread does one after the other. */
    WorkContext inline(WorkQueue other) {
        return new WorkContext(env, other, clients, stopping, Hold.FOREVER, true);
    }

    /** The same for an item that the queue has handed out. */
    WorkContext holding(Hold lease) {
        return new WorkContext(env, queue, clients, stopping, lease, isInline);
    }

    /** Whether the item is the worker's still. */
    Hold hold() {
        return hold;
    }

    /** Whether one thread does all that follows from an item, and no other worker takes part. */
    boolean isInline() {
        return isInline;
    }

    /**
     * Does something when all that follows from an item is done here, or has failed; nothing where other workers go on
     * with it.
     */
    void onEnd(Runnable action) {
        if (isInline) {
            atEnd.add(action);
        }
    }

    /** Does what {@link #onEnd} was given. */
    void end() {
        atEnd.forEach(Runnable::run);
    }

    WorkQueue queue() {
        return queue;
    }

    /** Tells the queue from others on the same cache. */
    String queueName() {
        return queue.name() + ':' + queue.options().name();
    }

    /** Does the steps of a job with this worker's clients. */
    RegistrySync sync(SyncJob job) {
        return clients.sync(job);
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

    /**
     * Asks the origin of names; unless it was given to the worker, on {@link #checkpoints()}, from where pages can be
     * read again at once.
     */
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
     * Adds work that follows from this item. Before the item is done: an item that is done again adds the same ids,
     * which are in the queue already.
     *
     * @return how many were added; the others were in the queue already
     * @throws io.alldocs.worker.spi.QueueException when the queue's server refuses or cannot be reached
     */
    public int enqueue(Collection<WorkItem> items) {
        return enqueue(items, Duration.ZERO);
    }

    /**
     * As {@link #enqueue(Collection)}, and nobody gets the items before {@code delay} is over.
     *
     * @throws IllegalArgumentException when the delay is negative
     */
    public int enqueue(Collection<WorkItem> items, Duration delay) {
        return queue.enqueue(items, delay);
    }

    /**
     * Whether the worker is about to stop: a long item that can go on later returns soon, or throws
     * {@link InterruptedException} to be handed back.
     */
    public boolean isStopping() {
        return stopping.getAsBoolean();
    }
}
