/**
 * Requests to npm registries over {@code java.net.http}: credentials, timeouts, retry, one limiter per host, typed errors.
 *
 * <p>Refuses to know what a packument or a cache is. Start at {@link io.alldocs.http.BaseHttpClient}.
 */
@NullMarked
package io.alldocs.http;

import org.jspecify.annotations.NullMarked;
