package io.alldocs.sync;

import org.jspecify.annotations.Nullable;

/** Reads the numbers of a checkpoint record's details. */
final class Numbers {
    private Numbers() {}

    /** 0 for what is absent or no number. */
    static long longValue(@Nullable Object detail) {
        return detail instanceof Number number ? number.longValue() : 0;
    }
}
