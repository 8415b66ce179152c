package io.alldocs.sync;

import java.time.Duration;
import java.time.Instant;

/** Measures elapsed time by a clock that may be set back; it then returns zero. */
final class Elapsed {
    private Elapsed() {}

    static Duration between(Instant then, Instant now) {
        return now.isBefore(then) ? Duration.ZERO : Duration.between(then, now);
    }

    /**
     * Returns whether {@code wait} is over since {@code then}. Returns true for a {@code then} in the future: the clock
     * was ahead, and the true time is unknown.
     */
    static boolean isOver(Duration wait, Instant then, Instant now) {
        return now.isBefore(then) || Duration.between(then, now).compareTo(wait) >= 0;
    }
}
