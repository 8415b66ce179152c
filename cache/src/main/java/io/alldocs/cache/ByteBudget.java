package io.alldocs.cache;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Heap that bodies in flight may take together. Never blocks: a body that finds no room goes to a temporary file, so memory stays bounded and
 * nothing can deadlock. Safe for concurrent use.
 */
public final class ByteBudget {
    private final AtomicLong available;

    private ByteBudget(long bytes) {
        this.available = new AtomicLong(bytes);
    }

    /**
     * A budget of its own.
     *
     * @param bytes 0 or more; 0 sends every body to a file
     * @throws IllegalArgumentException when negative
     */
    public static ByteBudget of(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("A byte budget must not be negative: " + bytes);
        }
        return new ByteBudget(bytes);
    }

    /** What is free at this moment. */
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
