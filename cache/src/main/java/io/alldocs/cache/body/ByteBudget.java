package io.alldocs.cache.body;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The heap that all in-flight bodies may use together. It never blocks: a body that does not fit is written to a
 * temporary file. Memory therefore stays bounded and no deadlock is possible. Safe for concurrent use.
 */
public final class ByteBudget {
    private final AtomicLong available;

    private ByteBudget(long bytes) {
        this.available = new AtomicLong(bytes);
    }

    /**
     * Creates a new budget.
     *
     * @param bytes 0 or more; 0 writes every body to a file
     * @throws IllegalArgumentException if negative
     */
    public static ByteBudget of(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("The byte budget must not be negative, but is " + bytes + ".");
        }
        return new ByteBudget(bytes);
    }

    /** Returns the number of bytes that are currently free. */
    public long availableBytes() {
        return available.get();
    }

    boolean tryAcquire(long bytes) {
        long free = available.get();
        while (free >= bytes) {
            if (available.compareAndSet(free, free - bytes)) {
                return true;
            }
            free = available.get();
        }
        return false;
    }

    void release(long bytes) {
        available.addAndGet(bytes);
    }
}
