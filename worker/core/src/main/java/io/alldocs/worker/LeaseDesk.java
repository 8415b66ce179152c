package io.alldocs.worker;

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
 * A worker's dealings with its queue. The fetcher waits for items while there is room; the clerk settles what is
 * finished, takes new items in the same round trip, and renews the leases of what is held. Nothing piles up: no more is
 * taken than there is room for, and an item has room until it is settled.
 *
 * <p>An item whose next lost lease makes it a dead letter is held alone: nothing else is taken until it is settled, and
 * it begins when all else is settled. If it ends the worker, no other item loses a lease with it.
 *
 * <p>Room is what the threads do at the same time, and as much more as was done in the last tenth of a second: short
 * items arrive in batches, long ones are left to other workers.
 */
final class LeaseDesk {
    private static final Logger LOG = System.getLogger(Worker.class.getName());
    private static final int MAX_BATCH = 500;
    private static final int MAX_AHEAD = 1_000;
    private static final long AHEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final long FIRST_BACKOFF_MILLIS = 100;
    private static final long LONGEST_BACKOFF_MILLIS = 10_000;

    /** Ends a thread that takes it; no queue gives an empty token. */
    private static final Lease NO_MORE = new Lease(WorkItem.of("none", "none"), "");

    private final WorkQueue queue;
    private final int concurrency;
    private final Consumer<Throwable> onFailure;
    private final Thread fetcher = new Thread(this::fetch, "all-docs-worker-fetcher");
    private final Thread clerk = new Thread(this::keep, "all-docs-worker-clerk");
    private final BlockingQueue<Lease> ready = new LinkedBlockingQueue<>();
    private final BlockingQueue<Settlement> finished = new LinkedBlockingQueue<>();

    /** Leases that nobody has finished yet. */
    private final HeldLeases open;

    /** The lease that is held alone; set while synchronized on this. */
    private volatile @Nullable Lease alone;

    private volatile boolean fetching = true;
    private volatile boolean keeping = true;
    private volatile boolean settledAll;

    // Guarded by this.
    private int taken;
    private int promised;
    private int ahead;

    LeaseDesk(WorkQueue queue, int concurrency, Consumer<Throwable> onFailure) {
        this.queue = queue;
        this.open = new HeldLeases(queue);
        this.concurrency = concurrency;
        this.onFailure = onFailure;
        fetcher.setDaemon(true);
        clerk.setDaemon(true);
    }

    void start() {
        fetcher.start();
        clerk.start();
    }

    /** The next item to do; null when there will be none. */
    @Nullable
    Lease next() throws InterruptedException {
        Lease lease = ready.take();
        while (lease.equals(alone) && !awaitAlone()) {
            finish(new Settlement.HandedBack(lease));
            lease = ready.take();
        }
        return isNoMore(lease) ? null : lease;
    }

    /** Waits until nothing else is held. @return false when the desk closes */
    private synchronized boolean awaitAlone() throws InterruptedException {
        while (fetching && open.size() > 1) {
            wait();
        }
        return fetching;
    }

    private static boolean isNoMore(Lease lease) {
        return lease.token().isEmpty();
    }

    /** Tells what became of an item; passed over when somebody has told already. */
    void finish(Settlement settlement) {
        Lease lease = settlement.lease();
        if (!open.remove(lease)) {
            return;
        }
        finished.add(settlement);
        if (alone != null) {
            finishedBeside(lease);
        }
    }

    private synchronized void finishedBeside(Lease lease) {
        if (lease.equals(alone)) {
            alone = null;
        }
        notifyAll();
    }

    int held() {
        return open.size();
    }

    /** At once, on any thread: what is taken from now on is handed back. */
    void takeNoMore() {
        fetching = false;
    }

    /** No more items: what waits here is handed back, and each of {@code threads} is told. */
    void stopFetching(int threads) {
        fetching = false;
        fetcher.interrupt();
        synchronized (this) {
            notifyAll();
        }
        List<Lease> unstarted = new ArrayList<>();
        ready.drainTo(unstarted);
        unstarted.forEach(lease -> finish(new Settlement.HandedBack(lease)));
        for (int i = 0; i < threads; i++) {
            ready.add(NO_MORE);
        }
    }

    /** Hands back what is not finished, and settles all; false when the queue could not be told in time. */
    boolean close(Duration patience) throws InterruptedException {
        fetcher.join(Math.max(1, patience.toMillis())); // what it was taking comes back too
        open.all().forEach(lease -> finish(new Settlement.HandedBack(lease)));
        keeping = false;
        finished.add(new Settlement.HandedBack(NO_MORE)); // wakes the clerk
        clerk.join(Math.max(1, patience.toMillis()));
        clerk.interrupt();
        return settledAll;
    }

    // ---- the fetcher

    private void fetch() {
        long backoff = FIRST_BACKOFF_MILLIS;
        QueueOutage outage = new QueueOutage();
        while (fetching) {
            int room = 0;
            try {
                room = awaitRoom();
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
                giveBack(room);
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

    private synchronized int awaitRoom() throws InterruptedException {
        while (room() <= 0) {
            wait();
        }
        int room = room();
        promised += room;
        return room;
    }

    private int room() {
        return alone == null ? concurrency + ahead - taken - promised : 0;
    }

    private synchronized void giveBack(int room) {
        promised -= room;
        notifyAll();
    }

    private void accept(List<Lease> leases) {
        open.add(leases);
        Lease only;
        synchronized (this) {
            taken += leases.size();
            if (alone == null) {
                alone = lastChance(leases);
            }
            only = alone;
        }
        for (Lease lease : leases) {
            if (fetching && (only == null || lease.equals(only))) {
                ready.add(lease);
            } else {
                finish(new Settlement.HandedBack(lease));
            }
        }
    }

    private @Nullable Lease lastChance(List<Lease> leases) {
        for (Lease lease : leases) {
            if (lease.isLastChance(queue.options())) {
                return lease;
            }
        }
        return null;
    }

    // ---- the clerk

    private void keep() {
        List<Settlement> batch = new ArrayList<>();
        long renewAt = System.nanoTime() + renewNanos();
        long aheadAt = System.nanoTime();
        long done = 0;
        long backoff = 0;
        QueueOutage outage = new QueueOutage();
        while (keeping || !batch.isEmpty() || !finished.isEmpty()) {
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
                    setAhead((int) Math.min(MAX_AHEAD, done * AHEAD_NANOS / since));
                    aheadAt = System.nanoTime();
                    done = 0;
                }
            } catch (InterruptedException e) {
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
     * Waits for something to settle, or, with a batch that could not be settled, for its backoff; not beyond the time
     * of renewal.
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
            batch.removeIf(settlement -> isNoMore(settlement.lease()));
        }
    }

    private void settle(List<Settlement> batch) throws InterruptedException {
        if (batch.isEmpty()) {
            return;
        }
        int room = fetching ? promise(batch.size()) : 0;
        try {
            List<Lease> leases = room > 0 ? queue.settleAndReserve(batch, room) : settled(batch);
            synchronized (this) {
                taken -= batch.size();
            }
            accept(leases);
        } finally {
            giveBack(room);
        }
    }

    private List<Lease> settled(List<Settlement> batch) {
        queue.settle(batch);
        return List.of();
    }

    /** Room that {@code settled} items make. */
    private synchronized int promise(int settled) {
        int room = alone == null ? Math.max(0, room() + settled) : 0;
        promised += room;
        return room;
    }

    private synchronized void setAhead(int items) {
        ahead = items;
        notifyAll();
    }

    /** Of one of the leases that are held. */
    Hold hold(Lease lease) {
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

    /** What is lost and not begun is another's to do; what is begun may end, and its settlement is passed over. */
    private void renew() {
        for (Lease lease : open.renew()) {
            LOG.log(
                    Level.WARNING,
                    "The lease of {0} ran out: another worker does it again.",
                    lease.item().id());
            if (ready.remove(lease)) {
                finish(new Settlement.HandedBack(lease));
            }
        }
    }
}
