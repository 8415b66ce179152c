/**
 * A transport over OkHttp. It sends the same requests as the JDK's client, and does not have the faults that stop that
 * client on a hostile answer. It needs no system property for a proxy password.
 *
 * <p>OkHttp's other features are disabled: redirects, cookies, caches, compression, retries. Start at
 * {@link io.alldocs.http.okhttp.OkHttpTransport}; {@code HTTP_TRANSPORT=okhttp} selects it without code.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.http.okhttp;

import org.jspecify.annotations.NullMarked;
