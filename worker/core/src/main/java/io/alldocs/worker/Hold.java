package io.alldocs.worker;

import java.util.OptionalLong;

/** Whether the lease of an item is still the worker's that works on it. Safe for concurrent use. */
interface Hold {
    /** Of an item that no queue handed out. */
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

    /** Whether another worker has the item by now, or will get it. */
    boolean isLost();

    /**
     * Since when, by {@link System#nanoTime}, another worker may have done what this one does; empty while the
     * lease is the worker's.
     */
    OptionalLong unprotectedSince();
}
