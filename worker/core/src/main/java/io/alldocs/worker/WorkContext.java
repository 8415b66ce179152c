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

/** The environment in which a {@link Processor} runs. Safe for concurrent use. */
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

    /**
     * Returns this context with another queue for follow-up items, which the same thread processes one after the other.
     */
    WorkContext inline(WorkQueue other) {
        return new WorkContext(env, other, clients, stopping, Hold.FOREVER, true);
    }

    /** Returns this context for an item leased from the queue. */
    WorkContext holding(Hold lease) {
        return new WorkContext(env, queue, clients, stopping, lease, isInline);
    }

    /** Returns the hold, which reports whether the worker still owns the item. */
    Hold hold() {
        return hold;
    }

    /** Returns whether a single thread processes all follow-up items, without other workers. */
    boolean isInline() {
        return isInline;
    }

    /**
     * Runs an action when all follow-up items have been processed here or have failed. Does nothing if other workers
     * process them.
     */
    void onEnd(Runnable action) {
        if (isInline) {
            atEnd.add(action);
        }
    }

    /** Runs the actions passed to {@link #onEnd}. */
    void end() {
        atEnd.forEach(Runnable::run);
    }

    WorkQueue queue() {
        return queue;
    }

    /** Returns the name that distinguishes the queue from others that share the cache. */
    String queueName() {
        return queue.name() + ':' + queue.options().name();
    }

    /** Returns the sync steps of a job, using this worker's clients. */
    RegistrySync sync(SyncJob job) {
        return clients.sync(job);
    }

    /** Returns the worker's configuration. */
    public Env env() {
        return env;
    }

    /** Returns the cache that stores entries. */
    public Cache cache() {
        return clients.cache();
    }

    /**
     * Returns the cache that stores progress: {@link #cache()}, unless its store lacks read-after-write consistency.
     */
    public Cache checkpoints() {
        return clients.checkpoints();
    }

    /**
     * Returns the client that lists names from the origin. Unless it was passed to the worker, it uses
     * {@link #checkpoints()}, where stored pages are readable at once.
     */
    public PartitionClient partitions() {
        return clients.partitions();
    }

    /** Returns the client that fetches packuments from the registry. */
    public PackumentClient packuments() {
        return clients.packuments();
    }

    /** Returns the worker's clock. */
    public Clock clock() {
        return cache().clock();
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
        return queue.enqueue(items, delay);
    }

    /**
     * Returns whether the worker is about to stop. A long-running item that can be resumed should return soon, or throw
     * {@link InterruptedException} to return to the queue.
     */
    public boolean isStopping() {
        return stopping.getAsBoolean();
    }
}
