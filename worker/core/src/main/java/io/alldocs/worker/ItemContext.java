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

/**
 * What a worker's own processors need for an item: what every processor gets, and the queue, the lease and the sync
 * steps. Safe for concurrent use.
 */
final class ItemContext {
    private final Env env;
    private final WorkQueue queue;
    private final WorkClients clients;
    private final BooleanSupplier stopping;
    private final Hold hold;
    private final boolean isInline;
    private final List<Runnable> atEnd = new CopyOnWriteArrayList<>();

    ItemContext(Env env, WorkQueue queue, WorkClients clients, BooleanSupplier stopping) {
        this(env, queue, clients, stopping, Hold.FOREVER, false);
    }

    private ItemContext(
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
    ItemContext inline(WorkQueue other) {
        return new ItemContext(env, other, clients, stopping, Hold.FOREVER, true);
    }

    /** Returns this context for an item leased from the queue. */
    ItemContext holding(Hold lease) {
        return new ItemContext(env, queue, clients, stopping, lease, isInline);
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

    WorkClients clients() {
        return clients;
    }

    /** Returns the sync steps of a job, using this worker's clients. */
    RegistrySync sync(SyncJob job) {
        return clients.sync(job);
    }

    Env env() {
        return env;
    }

    Cache cache() {
        return clients.cache();
    }

    Cache checkpoints() {
        return clients.checkpoints();
    }

    PartitionClient partitions() {
        return clients.partitions();
    }

    PackumentClient packuments() {
        return clients.packuments();
    }

    Clock clock() {
        return cache().clock();
    }

    int enqueue(Collection<WorkItem> items) {
        return enqueue(items, Duration.ZERO);
    }

    int enqueue(Collection<WorkItem> items, Duration delay) {
        return queue.enqueue(items, delay);
    }

    /** Returns whether the worker is about to stop. */
    boolean isStopping() {
        return stopping.getAsBoolean();
    }
}
