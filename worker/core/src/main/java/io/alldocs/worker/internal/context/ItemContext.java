package io.alldocs.worker.internal.context;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncJob;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.internal.lease.Hold;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * What a worker's own processors need for an item: what every processor gets, and the queue, the lease and the sync
 * steps. Safe for concurrent use.
 */
public final class ItemContext {
    private final Env env;
    private final WorkQueue queue;
    private final WorkClients clients;
    private final BooleanSupplier stopping;
    private final Hold hold;
    private final boolean isInline;
    private final LongConsumer progress;
    private final List<Runnable> atEnd = new CopyOnWriteArrayList<>();

    public ItemContext(Env env, WorkQueue queue, WorkClients clients, BooleanSupplier stopping) {
        this(env, queue, clients, stopping, Hold.FOREVER, false, units -> {});
    }

    private ItemContext(
            Env env,
            WorkQueue queue,
            WorkClients clients,
            BooleanSupplier stopping,
            Hold hold,
            boolean isInline,
            LongConsumer progress) {
        this.env = env;
        this.queue = queue;
        this.clients = clients;
        this.stopping = stopping;
        this.hold = hold;
        this.isInline = isInline;
        this.progress = progress;
    }

    /**
     * Returns this context with another queue for follow-up items, which the same thread processes one after the other.
     */
    public ItemContext inline(WorkQueue other) {
        return new ItemContext(env, other, clients, stopping, Hold.FOREVER, true, progress);
    }

    /**
     * Returns this context for an item leased from the queue.
     *
     * @param units receives the units of work that the item has done so far
     */
    public ItemContext holding(Hold lease, LongConsumer units) {
        return new ItemContext(env, queue, clients, stopping, lease, isInline, units);
    }

    /** Reports units of work that the item has done before its end. */
    public void progressed(long units) {
        progress.accept(units);
    }

    /** Returns the hold, which reports whether the worker still owns the item. */
    public Hold hold() {
        return hold;
    }

    /** Returns whether a single thread processes all follow-up items, without other workers. */
    public boolean isInline() {
        return isInline;
    }

    /**
     * Runs an action when all follow-up items have been processed here or have failed. Does nothing if other workers
     * process them.
     */
    public void onEnd(Runnable action) {
        if (isInline) {
            atEnd.add(action);
        }
    }

    /** Runs the actions passed to {@link #onEnd}. */
    public void end() {
        atEnd.forEach(Runnable::run);
    }

    public WorkQueue queue() {
        return queue;
    }

    /** Returns the name that distinguishes the queue from others that share the cache. */
    public String queueName() {
        return queue.name() + ':' + queue.options().name();
    }

    public WorkClients clients() {
        return clients;
    }

    /** Returns the sync steps of a job, using this worker's clients. */
    public RegistrySync sync(SyncJob job) {
        return clients.sync(job);
    }

    public Env env() {
        return env;
    }

    public Cache cache() {
        return clients.cache();
    }

    public Cache checkpoints() {
        return clients.checkpoints();
    }

    public PartitionClient partitions() {
        return clients.partitions();
    }

    public PackumentClient packuments() {
        return clients.packuments();
    }

    public Clock clock() {
        return cache().clock();
    }

    public int enqueue(Collection<WorkItem> items) {
        return enqueue(items, Duration.ZERO);
    }

    public int enqueue(Collection<WorkItem> items, Duration delay) {
        return queue.enqueue(items, delay);
    }

    /** Returns whether the worker is about to stop. */
    public boolean isStopping() {
        return stopping.getAsBoolean();
    }
}
