package io.alldocs.worker.mirror;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how many tarballs are passed on at a time; further ones wait for their turn, in their order and without a thread. The JDK's HTTP client reads ahead of
 * a slow reader for as much as the socket holds (2.6 MB measured on Linux), so it is the number of transfers that bounds memory. Safe for concurrent use.
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

    /** As many as a quarter of the largest heap has room for: 4 to 256. */
    static int defaultTransfers() {
        return (int) Math.max(FEWEST, Math.min(MOST, Runtime.getRuntime().maxMemory() / 4 / TRANSFER_BYTES));
    }

    /** Runs {@code transfer}, now or when another one has left; it must not block. Whoever enters leaves once. */
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
