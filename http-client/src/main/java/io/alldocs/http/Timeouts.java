package io.alldocs.http;

import java.time.Duration;

/**
 * Bounds on one attempt, all positive.
 *
 * @param connect to an open connection
 * @param request whole exchange, from sending to the last byte of the body
 * @param stall silence between bytes, headers included
 */
public record Timeouts(Duration connect, Duration request, Duration stall) {
    public static Timeouts defaults() {
        return new Timeouts(Duration.ofSeconds(10), Duration.ofMinutes(5), Duration.ofSeconds(30));
    }
}
