/**
 * A transport over OkHttp: the same requests as with the JDK's client, without the faults that stop that client on a
 * hostile answer, and without a system property for the password of a proxy.
 *
 * <p>Refuses to do what OkHttp offers beside the wire: redirects, cookies, caches, compression, retries. Start at
 * {@link io.alldocs.http.okhttp.OkHttpTransport}; {@code HTTP_TRANSPORT=okhttp} chooses it without code.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.http.okhttp;

import org.jspecify.annotations.NullMarked;
