package io.alldocs.sync;

import java.time.Duration;

/**
 * Defines how a feed is followed.
 *
 * @param until when following ends
 * @param interval between two requests for changes while there are changes; above zero
 * @param maxInterval maximum interval while there are none; the interval doubles up to this value; at least
 *     {@code interval}
 * @param listEvery how often the names of partitions that changed are listed again; zero for never
 */
public record FollowOptions(Until until, Duration interval, Duration maxInterval, Duration listEvery) {
    /** Until it is interrupted; every 5 s, up to 1 min while nothing changes; names are listed again once a day. */
    public static final FollowOptions DEFAULT =
            new FollowOptions(Until.INTERRUPTED, Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofDays(1));

    /** When following ends. */
    public enum Until {
        /** When the thread is interrupted. */
        INTERRUPTED,
        /** When the end of the feed was reached and no names are to be retried. */
        IDLE,
        /** When the end of the feed was reached once; also at the first failure. */
        ONCE
    }

    /**
     * Checks the durations.
     *
     * @throws IllegalArgumentException when {@code interval} is not above zero, {@code maxInterval} is below it, or
     *     {@code listEvery} is negative
     */
    public FollowOptions {
        if (interval.isNegative() || interval.isZero() || maxInterval.compareTo(interval) < 0) {
            throw new IllegalArgumentException(
                    "interval (" + interval + ") must be above zero and at most maxInterval (" + maxInterval + ").");
        }
        if (listEvery.isNegative()) {
            throw new IllegalArgumentException("listEvery must not be negative, but is " + listEvery + ".");
        }
    }

    /** Returns the same options with another end. */
    public FollowOptions until(Until value) {
        return new FollowOptions(value, interval, maxInterval, listEvery);
    }

    /** Returns the same options with other intervals. */
    public FollowOptions interval(Duration shortest, Duration longest) {
        return new FollowOptions(until, shortest, longest, listEvery);
    }

    /** Returns the same options with another time between listings. */
    public FollowOptions listEvery(Duration value) {
        return new FollowOptions(until, interval, maxInterval, value);
    }
}
