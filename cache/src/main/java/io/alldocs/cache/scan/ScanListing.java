package io.alldocs.cache.scan;

import io.alldocs.OperationInterruptedException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The single listing from which all pieces of a scan take their keys. It starts at the first request. Safe for
 * concurrent use.
 */
final class ScanListing {
    private final Supplier<Stream<String>> listing;
    private final int batchSize;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Runnable> onClose = new ConcurrentLinkedQueue<>();
    private @Nullable Stream<String> stream;
    private @Nullable Iterator<String> keys;
    private boolean over;
    private volatile boolean closed;

    ScanListing(Supplier<Stream<String>> listing, int batchSize) {
        this.listing = listing;
        this.batchSize = batchSize;
    }

    /**
     * Returns the next few keys, or an empty list at the end.
     *
     * @throws IllegalStateException after {@link #close()}
     * @throws OperationInterruptedException if the thread is interrupted
     */
    List<String> next() {
        lock.lock();
        try {
            requireOpen();
            if (over) {
                return List.of();
            }
            if (keys == null) {
                stream = listing.get();
                keys = stream.iterator();
            }
            List<String> batch = new ArrayList<>(batchSize);
            while (batch.size() < batchSize && keys.hasNext()) {
                batch.add(keys.next());
            }
            if (batch.isEmpty()) {
                end();
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The stream over the cache is closed.");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new OperationInterruptedException("Interrupted while reading the cache.", null);
        }
    }

    void onClose(Runnable action) {
        onClose.add(action);
    }

    private void end() {
        over = true;
        keys = null;
        if (stream != null) {
            stream.close();
            stream = null;
        }
    }

    void close() {
        closed = true;
        lock.lock();
        try {
            end();
        } finally {
            lock.unlock();
        }
        onClose.forEach(Runnable::run);
    }
}
