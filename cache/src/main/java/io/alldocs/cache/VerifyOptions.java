package io.alldocs.cache;

import java.time.Duration;
import java.util.Objects;

/**
 * How a store is verified.
 *
 * @param repair false for a dry run that changes nothing; true removes what is damaged or orphaned
 * @param youngerThan what changed this recently is left alone, because a live writer may be at it
 * @param concurrency digests computed at the same time, at least 1
 */
public record VerifyOptions(boolean repair, Duration youngerThan, int concurrency) {

    /** @throws IllegalArgumentException when youngerThan is negative or concurrency below 1 */
    public VerifyOptions {
        Objects.requireNonNull(youngerThan, "youngerThan");
        if (youngerThan.isNegative() || concurrency < 1) {
            throw new IllegalArgumentException(
                    "youngerThan must not be negative and concurrency at least 1: " + youngerThan + ", " + concurrency);
        }
    }

    /** Changes nothing; 10 minutes, 2 at a time. */
    public static VerifyOptions dryRun() {
        return new VerifyOptions(false, Duration.ofMinutes(10), 2);
    }

    /** Removes what is damaged or orphaned and older than 10 minutes; 2 at a time. */
    public static VerifyOptions repairing() {
        return new VerifyOptions(true, Duration.ofMinutes(10), 2);
    }
}
