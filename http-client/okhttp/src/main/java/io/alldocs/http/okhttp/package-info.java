/**
 * A transport over OkHttp: the same requests as with the JDK's client, for less than half of the CPU time, and without the faults that stop the JDK's
 * client on a hostile answer.
 *
 * <p>Refuses to do what OkHttp offers beside the wire: redirects, cookies, caches, compression, retries. Start at {@link
 * io.alldocs.http.okhttp.OkHttpTransport}; {@code HTTP_TRANSPORT=okhttp} chooses it without code.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.http.okhttp;

import org.jspecify.annotations.NullMarked;
