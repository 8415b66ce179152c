package io.alldocs.worker.internal.lease;

import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many more items a worker may lease, and the one item that it must process exclusively. Safe for concurrent use.
 *
 * <p>The capacity is the number of threads, plus a number of items to lease ahead. A caller reserves capacity, leases
 * at most that many items, adds what it got, and releases the reservation.
 */
final class Capacity {
    private final int threads;
    private final QueueOptions options;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** The lease that is processed exclusively; written under the lock. */
    private volatile @Nullable Lease exclusive;

    // Guarded by the lock.
    private int leased;
    private int reserved;
    private int ahead;

    Capacity(int threads, QueueOptions options) {
        this.threads = threads;
        this.options = options;
    }

    /** Waits until capacity is free, and reserves all of it. */
    int awaitAndReserve() throws InterruptedException {
        lock.lock();
        try {
            while (free() <= 0) {
                changed.await();
            }
            int free = free();
            reserved += free;
            return free;
        } finally {
            lock.unlock();
        }
    }

    /** Reserves the capacity that will be free after {@code settled} items are settled; possibly none. */
    int reserveAfter(int settled) {
        lock.lock();
        try {
            int free = exclusive == null ? Math.max(0, free() + settled) : 0;
            reserved += free;
            return free;
        } finally {
            lock.unlock();
        }
    }

    private int free() {
        return exclusive == null ? threads + ahead - leased - reserved : 0;
    }

    /** Ends a reservation. */
    void release(int count) {
        lock.lock();
        try {
            reserved -= count;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Counts new leases.
     *
     * @return the lease that must be processed exclusively; null if there is none
     */
    @Nullable
    Lease add(List<Lease> leases) {
        lock.lock();
        try {
            leased += leases.size();
            if (exclusive == null) {
                exclusive = leases.stream()
                        .filter(lease -> lease.isLastChance(options))
                        .findFirst()
                        .orElse(null);
            }
            return exclusive;
        } finally {
            lock.unlock();
        }
    }

    /** Counts leases that are settled in the queue. */
    void subtract(int settled) {
        lock.lock();
        try {
            leased -= settled;
        } finally {
            lock.unlock();
        }
    }

    boolean isExclusive(Lease lease) {
        return lease.equals(exclusive);
    }

    /** Waits while {@code others} returns true. */
    void awaitNo(BooleanSupplier others) throws InterruptedException {
        lock.lock();
        try {
            while (others.getAsBoolean()) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Must be called after an item is no longer held, for those that wait for it. */
    void finished(Lease lease) {
        if (exclusive == null) {
            return;
        }
        lock.lock();
        try {
            if (lease.equals(exclusive)) {
                exclusive = null;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Sets how many items are leased in addition to those that the threads process. */
    void setAhead(int items) {
        lock.lock();
        try {
            ahead = items;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Makes all waiting threads check their condition again. */
    void signalAll() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
