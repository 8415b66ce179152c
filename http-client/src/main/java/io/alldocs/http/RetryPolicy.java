package io.alldocs.http;

import java.time.Duration;

/**
 * Full-jitter exponential backoff: attempt n waits a random time in [0, min(maxDelay, baseDelay * 2^n)].
 *
 * @param attempts tries in all, at least 1
 */
public record RetryPolicy(int attempts, Duration baseDelay, Duration maxDelay) {
    public static RetryPolicy defaults() {
        return new RetryPolicy(5, Duration.ofMillis(500), Duration.ofSeconds(30));
    }
}
