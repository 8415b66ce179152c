package io.alldocs.worker;

import io.alldocs.worker.spi.QueueOptions;

/**
 * So many starts in each window of time, as p-queue's {@code interval} and {@code intervalCap}. Windows follow each
 * other from the epoch on. Not thread-safe.
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

    /** How many of {@code wanted} may start now; they count as started. */
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

    /** Milliseconds until the next start is allowed; 0 when one is. */
    long millisUntilOpen(long nowMillis) {
        boolean full = cap > 0 && starts >= cap && Math.floorDiv(nowMillis, intervalMillis) == window;
        return full ? (window + 1) * intervalMillis - nowMillis : 0;
    }
}
