/**
 * A read-only npm registry over a cache: packuments in both forms, for npm, pnpm and yarn.
 *
 * <p>Start at {@link io.alldocs.worker.mirror.MirrorServer}. A request goes through {@code Connection} (the wire), {@code Target} and {@code Accepts}
 * (what is asked), {@code Answers} (who finds it), {@code Shelf} (answers in memory), {@code Documents} (the cache, and the registry behind it) and
 * {@code Replies} (what is sent).
 *
 * <p>The server is Netty, which the HTTP face of this module uses without its response encoder. What decided: a document that lies in memory is written
 * from there without being copied, again and again, and counted while slow clients have it; nothing is read or written but what a socket takes, so
 * memory is bounded by design and no thread waits for a client; requests in one packet are answered in order. The JDK's own server has a thread for each
 * answer under way; Undertow and Jetty bring more (3.7 and 2.4 MB of jars against Netty's 1.9 MB without its native parts) and hide the buffers.
 *
 * <p>Refuses to serve tarballs (requests for them are redirected), to search, and everything that writes.
 */
@NullMarked
package io.alldocs.worker.mirror;

import org.jspecify.annotations.NullMarked;
