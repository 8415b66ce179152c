package io.alldocs.cache;

import java.time.Duration;
import java.util.Objects;

/**
 * How a store is verified.
 *
 * @param repair false for a dry run without changes; true to delete damaged and orphaned data
 * @param youngerThan data that changed within this time is not deleted, because another process may still be writing it
 * @param concurrency maximum number of digests computed at the same time, at least 1
 */
public record VerifyOptions(boolean repair, Duration youngerThan, int concurrency) {

    /** @throws IllegalArgumentException if youngerThan is negative or concurrency is below 1 */
    public VerifyOptions {
        Objects.requireNonNull(youngerThan, "youngerThan");
        if (youngerThan.isNegative() || concurrency < 1) {
            throw new IllegalArgumentException("youngerThan (" + youngerThan
                    + ") must not be negative, and concurrency (" + concurrency + ") must be at least 1.");
        }
    }

    /** Returns options for a dry run, which changes nothing: 10 minutes, 2 digests at a time. */
    public static VerifyOptions dryRun() {
        return new VerifyOptions(false, Duration.ofMinutes(10), 2);
    }

    /** Returns options that delete damaged and orphaned data older than 10 minutes; 2 digests at a time. */
    public static VerifyOptions repairing() {
        return new VerifyOptions(true, Duration.ofMinutes(10), 2);
    }
}
