package io.alldocs.http;

import java.time.Duration;

/**
 * Timeouts of one attempt, all positive and at most 24 days.
 *
 * @param connect time to open a TCP connection; a TLS handshake counts as silence before the headers
 * @param request whole exchange, from sending the request to the last byte of the body
 * @param stall maximum silence while waiting for bytes, including headers unless a body is being sent; a slow reader is
 *     not a stall
 */
public record Timeouts(Duration connect, Duration request, Duration stall) {
    private static final Duration LONGEST = Duration.ofDays(24);

    /** @throws IllegalArgumentException if a timeout is not positive or longer than 24 days */
    public Timeouts {
        check("connect", connect);
        check("request", request);
        check("stall", stall);
    }

    /**
     * Returns the defaults: connect 10 s, request 5 min, stall 30 s. The largest packuments (43 MB) are read in time at
     * 150 kB/s. The stall timeout detects a host that keeps requests of a throttled address open without responding (a
     * tarpit).
     */
    public static Timeouts defaults() {
        return new Timeouts(Duration.ofSeconds(10), Duration.ofMinutes(5), Duration.ofSeconds(30));
    }

    Timeouts withRequest(Duration bound) {
        return new Timeouts(connect, bound, stall);
    }

    private static void check(String name, Duration bound) {
        if (bound.isNegative() || bound.isZero() || bound.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "The " + name + " timeout must be positive and at most 24 days, but is " + bound + ".");
        }
    }
}
