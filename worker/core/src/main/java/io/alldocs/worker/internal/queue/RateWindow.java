package io.alldocs.worker.internal.queue;

import io.alldocs.worker.spi.QueueOptions;

/**
 * Limits the number of starts in each window of time, like p-queue's {@code interval} and {@code intervalCap}. Windows
 * are consecutive, starting at the epoch. Not thread-safe.
 */
final class RateWindow {
    private final long intervalMillis;
    private final int cap;
    private long window = Long.MIN_VALUE;
    private int starts;

    RateWindow(QueueOptions options) {
        this.intervalMillis = Math.max(1, options.interval().toMillis());
        this.cap = options.intervalCap();
    }

    /** Returns how many of {@code wanted} may start now, and counts them as started. */
    int take(int wanted, long nowMillis) {
        if (cap == 0) {
            return wanted;
        }
        long current = Math.floorDiv(nowMillis, intervalMillis);
        if (current != window) {
            window = current;
            starts = 0;
        }
        int taken = Math.min(wanted, cap - starts);
        starts += taken;
        return taken;
    }

    /** Returns the milliseconds until the next start is allowed; 0 if one is allowed now. */
    long millisUntilOpen(long nowMillis) {
        boolean full = cap > 0 && starts >= cap && Math.floorDiv(nowMillis, intervalMillis) == window;
        return full ? (window + 1) * intervalMillis - nowMillis : 0;
    }
}
