package io.alldocs.cache.spi;

import io.alldocs.cache.run.BoundedRun;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * How a store is verified.
 *
 * @param repair false for a dry run without changes; true to delete damaged and orphaned data
 * @param youngerThan data that changed within this time is not deleted, because another process may still be writing it
 * @param concurrency maximum number of digests computed at the same time, at least 1
 * @param executor computes the digests, on as many threads as {@code concurrency}; with fewer, fewer are computed at
 *     the same time. It is not closed. A driver may verify on the calling thread instead
 */
public record VerifyOptions(boolean repair, Duration youngerThan, int concurrency, Executor executor) {
    private static final Executor NEW_THREADS = BoundedRun.threadPerTask();

    /** @throws IllegalArgumentException if youngerThan is negative or concurrency is below 1 */
    public VerifyOptions {
        Objects.requireNonNull(youngerThan, "youngerThan");
        Objects.requireNonNull(executor, "executor");
        if (youngerThan.isNegative() || concurrency < 1) {
            throw new IllegalArgumentException("youngerThan (" + youngerThan
                    + ") must not be negative, and concurrency (" + concurrency + ") must be at least 1.");
        }
    }

    /**
     * Creates options that compute digests on new daemon threads.
     *
     * @throws IllegalArgumentException if youngerThan is negative or concurrency is below 1
     */
    public VerifyOptions(boolean repair, Duration youngerThan, int concurrency) {
        this(repair, youngerThan, concurrency, NEW_THREADS);
    }

    /** Returns options for a dry run, which changes nothing: 10 minutes, 2 digests at a time. */
    public static VerifyOptions dryRun() {
        return new VerifyOptions(false, Duration.ofMinutes(10), 2);
    }

    /** Returns options that delete damaged and orphaned data older than 10 minutes; 2 digests at a time. */
    public static VerifyOptions repairing() {
        return new VerifyOptions(true, Duration.ofMinutes(10), 2);
    }

    /** Returns the same options with another executor. */
    public VerifyOptions withExecutor(Executor executor) {
        return new VerifyOptions(repair, youngerThan, concurrency, executor);
    }
}
