package io.alldocs.http;

import java.time.Duration;

/**
 * Receives the events of a {@link BaseHttpClient}. The default implementation of each method does nothing.
 *
 * <p>The client calls the methods on its sending threads, several at the same time. An implementation must be safe for
 * concurrent use and return quickly. An exception that a method throws is logged, the first time as a warning, and the
 * client continues. An origin consists of scheme, host and port, such as {@code https://registry.npmjs.com}: no path,
 * no user, no secret.
 */
public interface HttpListener {
    /** Ignores every event. */
    HttpListener NONE = new HttpListener() {};

    /**
     * Called when a request has ended: its response was read, was a redirect, was refused, or was interrupted. Each
     * attempt and each redirect counts as a separate request.
     */
    default void requested(HttpAttempt attempt) {}

    /**
     * Called when an attempt failed and the call is retried.
     *
     * @param origin the origin of the request
     * @param reason a short text from a fixed set
     * @param delay the wait before the next attempt; the host's limiter may extend it
     */
    default void retrying(String origin, String reason, Duration delay) {}

    /**
     * Called when the origin answered 429.
     *
     * @param pause no request is sent to the origin for this time
     */
    default void throttled(String origin, Duration pause) {}

    /**
     * Called when a request failed because the transport's client no longer responded; the transport has replaced that
     * client. Called once for each request that waited for the client, so the number of calls may exceed
     * {@link JdkTransport#abandonedClients}.
     */
    default void clientReplaced(String origin) {}
}
