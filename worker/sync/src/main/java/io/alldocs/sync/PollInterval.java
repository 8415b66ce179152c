package io.alldocs.sync;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait between two requests for changes: the interval while there are changes, longer each time while there
 * are none or nobody answers; never in step with others. Not thread-safe.
 */
final class PollInterval {
    /** A registry that is away is asked every few minutes, however seldom its changes are asked for. */
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

    /** The wait, less up to a fifth. */
    Duration next() {
        long millis = current.toMillis();
        return Duration.ofMillis(millis - ThreadLocalRandom.current().nextLong(millis / 5 + 1));
    }
}
