/**
 * Sends requests to npm registries over {@code java.net.http}, with credentials, timeouts, retries, one limiter per
 * host and typed errors.
 *
 * <p>This package has no knowledge of packuments or caches, does not decode bodies, and owns no threads or timers.
 * Start at {@link io.alldocs.http.BaseHttpClient}. {@link io.alldocs.http.ErrorTable} lists every failure.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.http;

import org.jspecify.annotations.NullMarked;
