package io.alldocs.worker.spi;

import io.alldocs.cache.Env;
import java.time.Duration;
import java.util.Map;

/**
 * The options that all queues share. The defaults are those documented by the JavaScript project: 3 attempts, an
 * exponential backoff starting at 2 s (its BullMQ job options), and 20 starts in 1,000 ms (its p-queue options).
 *
 * @param name distinguishes queues on the same server; letters, digits and {@code . _ -}, 1 to 128 characters
 * @param maxAttempts how often an item is attempted before it becomes a dead letter; 1 or more
 * @param backoff delay after the first failure, doubled after each further failure; positive
 * @param maxBackoff maximum delay; at least {@code backoff}
 * @param lease how long a worker keeps an item without renewing the lease; 1 s or more. Short leases detect dead
 *     workers quickly, but also take items from live workers that pause, for example for a garbage collection
 * @param maxLostLeases after how many lost leases an item becomes a dead letter, because the item itself may crash the
 *     workers; 1 or more. A lease is lost when it expires, or when its worker settles it as {@link Settlement.Lost}
 * @param interval length of a rate-limit window; positive
 * @param intervalCap how many items are leased per window, by all workers of the queue together; 0 for no limit
 */
public record QueueOptions(
        String name,
        int maxAttempts,
        Duration backoff,
        Duration maxBackoff,
        Duration lease,
        int maxLostLeases,
        Duration interval,
        int intervalCap) {

    /** The default options. */
    public static final QueueOptions DEFAULT = of(Env.of(Map.of()));

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a value is out of range; the message names it
     */
    public QueueOptions {
        if (!name.matches("[A-Za-z0-9._-]{1,128}")) {
            throw new IllegalArgumentException(
                    "The queue name must have between 1 and 128 letters, digits, dots, underscores or hyphens, but"
                            + " is \"" + name + "\".");
        }
        requireAtLeast("maxAttempts", maxAttempts, 1);
        requireAtLeast("maxLostLeases", maxLostLeases, 1);
        requireAtLeast("intervalCap", intervalCap, 0);
        requirePositive("backoff", backoff);
        requirePositive("interval", interval);
        if (maxBackoff.compareTo(backoff) < 0) {
            throw new IllegalArgumentException(
                    "maxBackoff (" + maxBackoff + ") must be at least backoff (" + backoff + ").");
        }
        if (lease.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("lease must be at least 1 second, but is " + lease + ".");
        }
    }

    /**
     * Reads the options from the environment: {@code QUEUE_NAME} (default all-docs-work), {@code QUEUE_ATTEMPTS} (3),
     * {@code QUEUE_BACKOFF_MS} (2,000), {@code QUEUE_MAX_BACKOFF_MS} (600,000), {@code QUEUE_LEASE_MS} (30,000),
     * {@code QUEUE_LOST_LEASES} (3), {@code QUEUE_INTERVAL_MS} (1,000), {@code QUEUE_INTERVAL_CAP} (20, 0 for no
     * limit).
     *
     * @throws IllegalArgumentException if a value is out of range; the message names the variable
     */
    public static QueueOptions of(Env env) {
        Duration backoff = Duration.ofMillis(env.getLong("QUEUE_BACKOFF_MS", 2_000, 1, Integer.MAX_VALUE));
        return new QueueOptions(
                env.get("QUEUE_NAME").orElse("all-docs-work"),
                (int) env.getLong("QUEUE_ATTEMPTS", 3, 1, 1_000),
                backoff,
                Duration.ofMillis(env.getLong(
                        "QUEUE_MAX_BACKOFF_MS",
                        Math.max(600_000, backoff.toMillis()),
                        backoff.toMillis(),
                        Integer.MAX_VALUE)),
                Duration.ofMillis(env.getLong("QUEUE_LEASE_MS", 30_000, 1_000, Integer.MAX_VALUE)),
                (int) env.getLong("QUEUE_LOST_LEASES", 3, 1, 1_000),
                Duration.ofMillis(env.getLong("QUEUE_INTERVAL_MS", 1_000, 1, Integer.MAX_VALUE)),
                (int) env.getLong("QUEUE_INTERVAL_CAP", 20, 0, Integer.MAX_VALUE));
    }

    /**
     * Returns the delay after failed attempt number {@code attempts}, counted from 1. The delay doubles with each
     * attempt, up to {@link #maxBackoff}.
     */
    public Duration backoffAfter(int attempts) {
        long millis = backoff.toMillis();
        long longest = maxBackoff.toMillis();
        for (int i = 1; i < attempts && millis < longest; i++) {
            millis *= 2;
        }
        return Duration.ofMillis(Math.min(millis, longest));
    }

    private static void requireAtLeast(String what, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(what + " must be at least " + least + ", but is " + value + ".");
        }
    }

    private static void requirePositive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(what + " must be positive, but is " + value + ".");
        }
    }
}
