package io.alldocs.http;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Full-jitter exponential backoff: retry n = 0, 1, 2… waits a random time in [0, min(maxDelay, baseDelay * 2^n)], see
 * <a href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Exponential backoff and
 * jitter</a>.
 *
 * @param attempts total number of attempts, at least 1
 * @param baseDelay maximum of the first wait, zero or more, at most 24 days
 * @param maxDelay maximum of every wait, zero or more, at most 24 days
 */
public record RetryPolicy(int attempts, Duration baseDelay, Duration maxDelay) {
    private static final int LARGEST_SHIFT = 62;

    /** @throws IllegalArgumentException if a value is out of its range */
    public RetryPolicy {
        if (attempts < 1) {
            throw new IllegalArgumentException("The number of attempts must be at least 1, but is " + attempts + ".");
        }
        if (baseDelay.isNegative()
                || maxDelay.isNegative()
                || baseDelay.compareTo(Duration.ofDays(24)) > 0
                || maxDelay.compareTo(Duration.ofDays(24)) > 0) {
            throw new IllegalArgumentException(
                    "The delays must be between 0 and 24 days, but are " + baseDelay + " and " + maxDelay + ".");
        }
    }

    /** Returns the default policy: 5 attempts, 500 ms, 30 s. */
    public static RetryPolicy defaults() {
        return new RetryPolicy(5, Duration.ofMillis(500), Duration.ofSeconds(30));
    }

    /** Returns a policy without retries: one attempt. */
    public static RetryPolicy none() {
        return new RetryPolicy(1, Duration.ZERO, Duration.ZERO);
    }

    /**
     * Returns the time to wait before retry {@code n} (0 = the first retry); {@code random} returns numbers in [0, 1).
     */
    Duration delay(int n, DoubleSupplier random) {
        double bound =
                Math.min((double) maxDelay.toNanos(), baseDelay.toNanos() * Math.pow(2, Math.min(n, LARGEST_SHIFT)));
        return Duration.ofNanos((long) (bound * random.getAsDouble()));
    }
}
