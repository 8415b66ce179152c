package io.alldocs.sync;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The wait between two requests for changes, with jitter. It equals the interval while there are changes, and grows
 * while there are none or the origin does not respond. Not thread-safe.
 */
final class PollInterval {
    /** An unavailable registry is polled every few minutes, even if the interval for changes is longer. */
    private static final Duration LONGEST_OUTAGE_WAIT = Duration.ofMinutes(5);

    private final Duration interval;
    private final Duration longest;
    private Duration current;

    PollInterval(Duration interval, Duration longest) {
        this.interval = interval;
        this.longest = longest;
        this.current = interval;
    }

    void after(boolean quiet) {
        current = quiet ? shorter(current.multipliedBy(2), longest) : interval;
    }

    void afterFailure() {
        current = shorter(current.multipliedBy(2), shorter(longest, LONGEST_OUTAGE_WAIT));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Returns the wait, reduced by a random amount of at most one fifth. */
    Duration next() {
        long millis = current.toMillis();
        return Duration.ofMillis(millis - ThreadLocalRandom.current().nextLong(millis / 5 + 1));
    }
}
