/**
 * A read-only npm registry over a cache: packuments in both forms, for npm, pnpm and yarn.
 *
 * <p>Start at {@link io.alldocs.worker.mirror.MirrorServer}. A request goes through {@code Connection} (the wire), {@code Target} and {@code Accepts}
 * (what is asked), {@code Answers} (who finds it), {@code Shelf} (answers in memory), {@code Documents} (the cache, and the registry behind it),
 * {@code PolicyGate} (which versions are given out) and {@code Replies} (what is sent).
 *
 * <p>The server is Netty (3.4 MB of jars), whose request decoder this module uses and whose response encoder it does without. What decided: a document
 * that lies in memory is written from there without being copied, again and again, and counted while slow clients have it; nothing is read or written but
 * what a socket takes, so memory is bounded by design and no thread waits for a client; requests that come in one packet are answered in their order. The
 * JDK's own server holds a thread for each answer under way, and a servlet's or Undertow's interface hides the buffers.
 *
 * <p>Tarballs go through {@code TarballAnswers}: {@code TarballLookup} finds in the packument where one is, {@code TarballHosts} says whether the mirror may ask
 * there, and {@code TarballProxy} passes it on. Audits, keys and attestations are those of the {@code Registry}.
 *
 * <p>Refuses to store tarballs, to search, and everything that writes.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.mirror;

import org.jspecify.annotations.NullMarked;
