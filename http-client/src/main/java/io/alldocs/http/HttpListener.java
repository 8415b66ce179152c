package io.alldocs.http;

import java.time.Duration;

/**
 * Receives what a {@link BaseHttpClient} does. Every method has a default that does nothing.
 *
 * <p>Methods are called on the threads that send, several at a time: an implementation must be safe for concurrent use
 * and return soon. What it throws ends the call. An origin is scheme, host and port, such as
 * {@code https://registry.npmjs.com}: no path, no user, no secret.
 */
public interface HttpListener {
    /** Ignores everything. */
    HttpListener NONE = new HttpListener() {};

    /**
     * A request ended: it was answered and read, redirected, refused or broken. Each attempt and each redirect is a
     * request of its own.
     */
    default void requested(HttpAttempt attempt) {}

    /**
     * An attempt failed, and the call is sent again.
     *
     * @param origin that was asked
     * @param reason why, in a few words; one of a fixed set
     * @param delay the wait before the next attempt; the host's limiter may add to it
     */
    default void retrying(String origin, String reason, Duration delay) {}

    /**
     * The origin answered 429.
     *
     * @param pause no request is sent to it for that long
     */
    default void throttled(String origin, Duration pause) {}

    /**
     * A request failed because the transport's client no longer reacted; the transport has replaced that client. Called
     * for each request that waited for it, so more often than {@link JdkTransport#givenUpClients} counts.
     */
    default void clientLost(String origin) {}
}
