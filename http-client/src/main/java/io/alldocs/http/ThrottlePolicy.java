package io.alldocs.http;

import java.net.URI;
import java.time.Duration;

/**
 * Defines how a {@link HostLimiter} reacts to throttling.
 *
 * @param minRate requests per second below which throttling never lowers the rate, above 0
 * @param recovery time without throttling after which a lowered rate grows by a tenth, positive; a further throttling
 *     within this time counts as a repeat
 * @param repeatFloor minimum pause when a host throttles for the third time in a row, zero or more; it doubles with
 *     each further time
 * @param maxPause maximum pause, even if a host requests a longer one; zero or more
 */
public record ThrottlePolicy(double minRate, Duration recovery, Duration repeatFloor, Duration maxPause) {

    /** @throws IllegalArgumentException if a value is out of its range */
    public ThrottlePolicy {
        if (!(minRate > 0) || minRate > HostLimiter.LARGEST_RATE) {
            throw new IllegalArgumentException(
                    "The minimum rate must be above 0 and at most 1,000,000, but is " + minRate + ".");
        }
        if (recovery.isNegative() || recovery.isZero() || repeatFloor.isNegative() || maxPause.isNegative()) {
            throw new IllegalArgumentException("recovery (" + recovery + ") must be positive, and repeatFloor ("
                    + repeatFloor + ") and maxPause (" + maxPause + ") must not be negative.");
        }
        if (maxPause.compareTo(Duration.ofDays(24)) > 0) {
            throw new IllegalArgumentException("maxPause must be at most 24 days, but is " + maxPause + ".");
        }
    }

    /**
     * Returns the policy for a host on the network: 0.2 requests a second, 10 s, 30 s, one hour. A public crawler of
     * npm, linuxfoundation/crowd.dev, also limits pauses to an hour.
     */
    public static ThrottlePolicy defaults() {
        return new ThrottlePolicy(0.2, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofHours(1));
    }

    /**
     * Returns the policy for one host. This machine: 10 requests a second, 100 ms, 50 ms, one hour. The npm registry
     * and its replica: a floor of 300 s, the block that crawlers report (linuxfoundation/crowd.dev,
     * {@code packages_worker}). Any other: {@link #defaults()}.
     */
    public static ThrottlePolicy forHost(URI uri) {
        if (Origins.isLoopback(uri)) {
            return new ThrottlePolicy(10, Duration.ofMillis(100), Duration.ofMillis(50), Duration.ofHours(1));
        }
        return Origins.isNpm(uri) ? defaults().withRepeatFloor(Duration.ofMinutes(5)) : defaults();
    }

    /** Returns the same policy with another repeat floor. */
    public ThrottlePolicy withRepeatFloor(Duration floor) {
        return new ThrottlePolicy(minRate, recovery, floor, maxPause);
    }
}
