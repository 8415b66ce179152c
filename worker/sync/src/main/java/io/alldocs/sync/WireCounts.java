package io.alldocs.sync;

/**
 * Counts the network traffic.
 *
 * @param requests attempts sent, retries included
 * @param throttled responses with status 429
 * @param serverErrors responses with a 5xx status
 * @param broken attempts without a complete response: no response arrived, or the body was truncated
 * @param bytesReceived bytes of bodies as transferred, compressed or not
 */
public record WireCounts(long requests, long throttled, long serverErrors, long broken, long bytesReceived) {
    static final WireCounts NONE = new WireCounts(0, 0, 0, 0, 0);
}
