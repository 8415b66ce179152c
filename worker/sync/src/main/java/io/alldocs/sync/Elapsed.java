package io.alldocs.sync;

import java.time.Duration;
import java.time.Instant;

/** Time that passed by a clock which somebody may set back: then none has passed. */
final class Elapsed {
    private Elapsed() {}

    static Duration between(Instant then, Instant now) {
        return now.isBefore(then) ? Duration.ZERO : Duration.between(then, now);
    }

    /**
     * Whether {@code wait} is over since {@code then}. Also when {@code then} is of the future: the clock was ahead,
     * and when it was in truth nobody knows.
     */
    static boolean isOver(Duration wait, Instant then, Instant now) {
        return now.isBefore(then) || Duration.between(then, now).compareTo(wait) >= 0;
    }
}
