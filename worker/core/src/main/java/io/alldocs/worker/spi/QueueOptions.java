package io.alldocs.worker.spi;

import io.alldocs.Env;
import java.time.Duration;
import java.util.Map;

/**
 * The options that all queues share. The defaults are those documented by the JavaScript project. Its BullMQ job
 * options have 3 attempts and an exponential backoff that starts at 2 s. Its p-queue options allow 20 starts in 1,000
 * ms.
 *
 * @param name distinguishes queues on the same server; letters, digits and {@code . _ -}, 1 to 128 characters
 * @param maxAttempts how often an item is attempted before it becomes a dead letter; 1 or more
 * @param backoff delay after the first failure, doubled after each further failure; positive
 * @param maxBackoff maximum delay; at least {@code backoff}
 * @param lease how long a worker keeps an item without renewing the lease; 1 s or more. With short leases, crashed
 *     workers are detected quickly, but running workers that pause, for example for a garbage collection, may lose
 *     their items too
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
     * {@code QUEUE_BACKOFF_MS} (2,000), {@code QUEUE_MAX_BACKOFF_MS} (600,000). Also {@code QUEUE_LEASE_MS} (30,000),
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

    /** Returns a builder that contains the values of {@link #DEFAULT}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds options; each method returns this builder. The ranges are those of the record. Not thread-safe. */
    public static final class Builder {
        private String name = DEFAULT.name;
        private int maxAttempts = DEFAULT.maxAttempts;
        private Duration backoff = DEFAULT.backoff;
        private Duration maxBackoff = DEFAULT.maxBackoff;
        private Duration lease = DEFAULT.lease;
        private int maxLostLeases = DEFAULT.maxLostLeases;
        private Duration interval = DEFAULT.interval;
        private int intervalCap = DEFAULT.intervalCap;

        private Builder() {}

        /** Sets the name, which distinguishes queues on the same server. Default: all-docs-work. */
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /** Sets how often an item is attempted before it becomes a dead letter. Default: 3. */
        public Builder maxAttempts(int attempts) {
            this.maxAttempts = attempts;
            return this;
        }

        /** Sets the delay after the first failure, doubled after each further one. Default: 2 seconds. */
        public Builder backoff(Duration delay) {
            this.backoff = delay;
            return this;
        }

        /** Sets the maximum delay; at least the delay after the first failure. Default: 10 minutes. */
        public Builder maxBackoff(Duration delay) {
            this.maxBackoff = delay;
            return this;
        }

        /** Sets how long a worker keeps an item without renewing the lease. Default: 30 seconds. */
        public Builder lease(Duration length) {
            this.lease = length;
            return this;
        }

        /** Sets after how many lost leases an item becomes a dead letter. Default: 3. */
        public Builder maxLostLeases(int leases) {
            this.maxLostLeases = leases;
            return this;
        }

        /**
         * Sets how many items all workers of the queue together lease per window. Default: 20 in 1 second.
         *
         * @param items 0 for no limit
         * @param window length of the window; positive
         */
        public Builder rate(int items, Duration window) {
            this.intervalCap = items;
            this.interval = window;
            return this;
        }

        /**
         * Returns the options.
         *
         * @throws IllegalArgumentException if a value is out of range; the message names it
         */
        public QueueOptions build() {
            return new QueueOptions(
                    name, maxAttempts, backoff, maxBackoff, lease, maxLostLeases, interval, intervalCap);
        }
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
