package io.alldocs.cache;

/**
 * Heap that bodies in flight may take together. Never blocks: a body that finds no room goes to a temporary file, so memory stays bounded and
 * nothing can deadlock. Safe for concurrent use.
 */
public final class ByteBudget {

    private ByteBudget() {}

    public static ByteBudget of(long bytes) {
        throw new AssertionError("skeleton");
    }

    boolean tryAcquire(long bytes) {
        throw new AssertionError("skeleton");
    }

    void release(long bytes) {
        throw new AssertionError("skeleton");
    }
}
