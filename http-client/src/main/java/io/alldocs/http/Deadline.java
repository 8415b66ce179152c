package io.alldocs.http;

import java.time.Duration;

/** The deadline of one attempt. */
final class Deadline {

    private final Duration bound;
    private final long endNanos;

    private Deadline(Duration bound) {
        this.bound = bound;
        this.endNanos = System.nanoTime() + bound.toNanos();
    }

    static Deadline in(Duration bound) {
        return new Deadline(bound);
    }

    /** Returns the nanoseconds left, zero after the deadline. */
    long nanosLeft() {
        return Math.max(0, endNanos - System.nanoTime());
    }

    @Override
    public String toString() {
        return bound.toMillis() + " ms";
    }
}
