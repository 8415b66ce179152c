package io.alldocs.worker.internal.lease;

import java.util.OptionalLong;

/** Whether a worker still owns the lease of the item it is processing. Safe for concurrent use. */
public interface Hold {
    /** The hold of an item that was not leased from a queue. */
    Hold FOREVER = new Hold() {
        @Override
        public boolean isLost() {
            return false;
        }

        @Override
        public OptionalLong unprotectedSince() {
            return OptionalLong.empty();
        }
    };

    /** Returns whether another worker has leased the item, or will. */
    boolean isLost();

    /**
     * Returns since when, by {@link System#nanoTime}, another worker may have processed the same item; empty while the
     * worker owns the lease.
     */
    OptionalLong unprotectedSince();
}
