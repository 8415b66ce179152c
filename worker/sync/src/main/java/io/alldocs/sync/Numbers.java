package io.alldocs.sync;

import org.jspecify.annotations.Nullable;

/** Reads the numbers of a checkpoint record's details. */
final class Numbers {
    private Numbers() {}

    /** Returns the number, or 0 if {@code detail} is absent or not a number. */
    static long longValue(@Nullable Object detail) {
        return detail instanceof Number number ? number.longValue() : 0;
    }
}
