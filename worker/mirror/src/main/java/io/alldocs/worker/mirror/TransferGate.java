package io.alldocs.worker.mirror;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Limits the number of concurrent tarball transfers; further transfers wait in order, without occupying a thread. The
 * JDK's HTTP client reads ahead of a slow reader by the size of the socket buffers (2.6 MB measured on Linux). The
 * number of transfers therefore determines the memory. Safe for concurrent use.
 */
final class TransferGate {
    private static final long TRANSFER_BYTES = 4L << 20;
    private static final int FEWEST = 4;
    private static final int MOST = 256;

    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int free;

    TransferGate(int transfers) {
        this.free = transfers;
    }

    /** Returns as many transfers as fit a quarter of the maximum heap: 4 to 256. */
    static int defaultTransfers() {
        return (int) Math.max(FEWEST, Math.min(MOST, Runtime.getRuntime().maxMemory() / 4 / TRANSFER_BYTES));
    }

    /**
     * Runs {@code transfer} now, or when another transfer has finished; it must not block. Each transfer must leave
     * exactly once.
     */
    void enter(Runnable transfer) {
        synchronized (this) {
            if (free == 0) {
                waiting.add(transfer);
                return;
            }
            free--;
        }
        transfer.run();
    }

    void leave() {
        Runnable next = next();
        if (next != null) {
            next.run();
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable next = waiting.poll();
        if (next == null) {
            free++;
        }
        return next;
    }

    synchronized int waiting() {
        return waiting.size();
    }
}
