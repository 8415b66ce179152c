package io.alldocs.worker.internal.lease;

import io.alldocs.OperationInterruptedException;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Manages a worker's leases on its queue, with two threads. The first (the fetcher) waits for items while there is
 * capacity. The second (the settler) settles finished items, leases new ones in the same round trip, and renews the
 * leases that are held. The worker never leases more items than it has capacity for. An item occupies capacity until it
 * is settled, so no backlog builds up.
 *
 * <p>If an item would become a dead letter when its lease is lost once more, the worker processes it exclusively. The
 * item starts when all other items are settled, and no other item is leased until it is settled. If the item crashes
 * the worker, no other lease is lost with it.
 *
 * <p>The capacity is the number of threads, plus the number of items finished in the last tenth of a second. Short
 * items are therefore leased in batches, and long ones are left to other workers.
 */
public final class LeaseManager {
    private static final Logger LOG = System.getLogger("io.alldocs.worker.Worker");
    private static final int MAX_BATCH = 500;
    private static final int MAX_AHEAD = 1_000;
    private static final long AHEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final long FIRST_BACKOFF_MILLIS = 100;
    private static final long LONGEST_BACKOFF_MILLIS = 10_000;

    /** A marker that ends the thread that receives it. Its token is empty, which queues never issue. */
    private static final Lease END = new Lease(WorkItem.of("none", "none"), "");

    private final WorkQueue queue;
    private final Consumer<Throwable> onFailure;
    private final Consumer<WorkItem> onLostLease;
    private final Thread fetcher = new Thread(this::fetch, "all-docs-worker-fetcher");
    private final Thread settler = new Thread(this::settleAndRenew, "all-docs-worker-settler");
    private final BlockingQueue<Lease> ready = new LinkedBlockingQueue<>();
    private final BlockingQueue<Settlement> finished = new LinkedBlockingQueue<>();
    private final Capacity capacity;

    /** Unfinished leases. */
    private final HeldLeases open;

    private volatile boolean fetching = true;
    private volatile boolean settling = true;
    private volatile boolean settledAll;

    public LeaseManager(
            WorkQueue queue, int concurrency, Consumer<Throwable> onFailure, Consumer<WorkItem> onLostLease) {
        this.queue = queue;
        this.open = new HeldLeases(queue);
        this.capacity = new Capacity(concurrency, queue.options());
        this.onFailure = onFailure;
        this.onLostLease = onLostLease;
        fetcher.setDaemon(true);
        settler.setDaemon(true);
    }

    public void start() {
        fetcher.start();
        settler.start();
    }

    /** Returns the next item to process; null when there are no more. */
    @Nullable
    public Lease next() throws InterruptedException {
        Lease lease = ready.take();
        while (capacity.isExclusive(lease) && !awaitOthers()) {
            finish(new Settlement.Released(lease));
            lease = ready.take();
        }
        return isEnd(lease) ? null : lease;
    }

    /** Waits until no other item is held. Returns false if this is closed meanwhile. */
    private boolean awaitOthers() throws InterruptedException {
        capacity.awaitNo(() -> fetching && open.size() > 1);
        return fetching;
    }

    private static boolean isEnd(Lease lease) {
        return lease.token().isEmpty();
    }

    /** Queues a settlement; ignored if the lease is already settled. */
    public void finish(Settlement settlement) {
        Lease lease = settlement.lease();
        if (!open.remove(lease)) {
            return;
        }
        finished.add(settlement);
        capacity.finished(lease);
    }

    public int held() {
        return open.size();
    }

    /** Stops leasing immediately, from any thread: items leased from now on are returned to the queue. */
    public void stopLeasing() {
        fetching = false;
    }

    /**
     * Stops fetching: returns the items waiting here to the queue and signals each of {@code threads} worker threads to
     * end.
     */
    public void stopFetching(int threads) {
        fetching = false;
        fetcher.interrupt();
        capacity.signalAll();
        List<Lease> unstarted = new ArrayList<>();
        ready.drainTo(unstarted);
        unstarted.forEach(lease -> finish(new Settlement.Released(lease)));
        for (int i = 0; i < threads; i++) {
            ready.add(END);
        }
    }

    /**
     * Returns unfinished items to the queue and settles all leases; false if the queue could not be reached in time.
     */
    public boolean close(Duration patience) throws InterruptedException {
        fetcher.join(Math.max(1, patience.toMillis())); // items it was leasing are returned too
        open.all().forEach(lease -> finish(new Settlement.Released(lease)));
        settling = false;
        finished.add(new Settlement.Released(END)); // wakes the settler
        settler.join(Math.max(1, patience.toMillis()));
        settler.interrupt();
        return settledAll;
    }

    // ---- the fetcher

    private void fetch() {
        long backoff = FIRST_BACKOFF_MILLIS;
        QueueOutage outage = new QueueOutage();
        while (fetching) {
            int room = 0;
            try {
                room = capacity.awaitAndReserve();
                accept(queue.reserve(room, WAIT));
                backoff = FIRST_BACKOFF_MILLIS;
                outage.over();
            } catch (InterruptedException e) {
                return;
            } catch (QueueException e) {
                if (!e.retryable()) {
                    onFailure.accept(e);
                    return;
                }
                outage.failed(e);
                if (!sleep(backoff)) {
                    return;
                }
                backoff = Math.min(backoff * 2, LONGEST_BACKOFF_MILLIS);
            } catch (RuntimeException | Error e) {
                if (fetching) {
                    onFailure.accept(e);
                }
                return;
            } finally {
                capacity.release(room);
            }
        }
    }

    private boolean sleep(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void accept(List<Lease> leases) {
        open.add(leases);
        Lease only = capacity.add(leases);
        for (Lease lease : leases) {
            if (fetching && (only == null || lease.equals(only))) {
                ready.add(lease);
            } else {
                finish(new Settlement.Released(lease));
            }
        }
    }

    // ---- the settler

    private void settleAndRenew() {
        List<Settlement> batch = new ArrayList<>();
        long renewAt = System.nanoTime() + renewNanos();
        long aheadAt = System.nanoTime();
        long done = 0;
        long backoff = 0;
        QueueOutage outage = new QueueOutage();
        while (settling || !batch.isEmpty() || !finished.isEmpty()) {
            try {
                if (System.nanoTime() - renewAt >= 0) {
                    renewAt = System.nanoTime() + renewNanos();
                    renew();
                }
                collect(batch, Math.max(backoff, 0), renewAt);
                settle(batch);
                if (!batch.isEmpty()) {
                    outage.over();
                }
                done += batch.size();
                batch.clear();
                backoff = 0;
                long since = System.nanoTime() - aheadAt;
                if (since >= AHEAD_NANOS) {
                    capacity.setAhead((int) Math.min(MAX_AHEAD, done * AHEAD_NANOS / since));
                    aheadAt = System.nanoTime();
                    done = 0;
                }
            } catch (InterruptedException | OperationInterruptedException e) {
                return;
            } catch (QueueException e) {
                if (!e.retryable()) {
                    onFailure.accept(e);
                    return;
                }
                outage.failed(e);
                backoff = Math.min(Math.max(backoff * 2, FIRST_BACKOFF_MILLIS), LONGEST_BACKOFF_MILLIS);
            } catch (RuntimeException | Error e) {
                onFailure.accept(e);
                return;
            }
        }
        settledAll = true;
    }

    private long renewNanos() {
        return queue.options().lease().toNanos() / 3;
    }

    /**
     * Waits for settlements, or for the backoff of a batch that could not be settled, but not past the next renewal.
     */
    private void collect(List<Settlement> batch, long backoffMillis, long renewAt) throws InterruptedException {
        long left = Math.max(0, renewAt - System.nanoTime());
        if (!batch.isEmpty()) {
            TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(backoffMillis)));
            return;
        }
        Settlement first = finished.poll(left, TimeUnit.NANOSECONDS);
        if (first != null) {
            batch.add(first);
            finished.drainTo(batch, MAX_BATCH - 1);
            batch.removeIf(settlement -> isEnd(settlement.lease()));
        }
    }

    private void settle(List<Settlement> batch) throws InterruptedException {
        if (batch.isEmpty()) {
            return;
        }
        int room = fetching ? capacity.reserveAfter(batch.size()) : 0;
        try {
            List<Lease> leases = room > 0 ? queue.settleAndReserve(batch, room) : settled(batch);
            capacity.subtract(batch.size());
            accept(leases);
        } finally {
            capacity.release(room);
        }
    }

    private List<Lease> settled(List<Settlement> batch) {
        queue.settle(batch);
        return List.of();
    }

    /** Returns the hold of a lease held here. */
    public Hold hold(Lease lease) {
        return new Hold() {
            @Override
            public boolean isLost() {
                return open.isLost(lease);
            }

            @Override
            public OptionalLong unprotectedSince() {
                return open.unprotectedSince(lease);
            }
        };
    }

    /**
     * Renews all leases. Of lost leases, those not started are left to other workers; those started run to their end,
     * and their settlement is ignored.
     */
    private void renew() {
        for (Lease lease : open.renew()) {
            LOG.log(
                    Level.WARNING,
                    "The lease of {0} expired. Another worker processes the item again.",
                    lease.item().id());
            onLostLease.accept(lease.item());
            if (ready.remove(lease)) {
                finish(new Settlement.Released(lease));
            }
        }
    }
}
