/**
 * Requests to npm registries over {@code java.net.http}: credentials, timeouts, retry, one limiter per host, typed
 * errors.
 *
 * <p>Refuses to know what a packument or a cache is, to decode bodies, and to hold threads or timers of its own. Start
 * at {@link io.alldocs.http.BaseHttpClient}; what can go wrong is one table, {@link io.alldocs.http.FaultTable}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.http;

import org.jspecify.annotations.NullMarked;
