/**
 * A read-only npm registry that serves packuments from a cache, in both forms, to npm, pnpm and yarn.
 *
 * <p>Start with {@link io.alldocs.worker.mirror.MirrorServer}. {@code Connection} handles the HTTP connection,
 * {@code Target} and {@code Accepts} parse the request, and {@code MirrorHandler} finds the response.
 * {@code ResponseCache} caches responses in memory, and {@code Documents} reads the cache and sends requests to the
 * registry behind it. {@code PolicyGate} decides which versions are served, and {@code Responses} builds the response.
 *
 * <p>The server is built on Netty (3.4 MB of jars). This module uses Netty's request decoder, but not its response
 * encoder. Netty was chosen for three reasons. A document in memory is written to any number of clients without a copy,
 * and reference-counted while slow clients receive it. The server reads and writes only what a socket accepts, so
 * memory is bounded by design and no thread waits for a client. Pipelined requests are answered in order. In contrast,
 * the JDK's own server occupies a thread for each response in progress, and the interfaces of servlets and Undertow
 * hide the buffers.
 *
 * <p>{@code TarballResponses} responds to requests for tarballs. {@code TarballLookup} finds the tarball's address in
 * the packument. {@code TarballHosts} decides whether the mirror may request it, and {@code TarballProxy} streams it to
 * the client. {@code Registry} forwards requests for audits, keys and attestations.
 *
 * <p>The mirror does not store tarballs, and supports neither search nor any request that writes.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.mirror;

import org.jspecify.annotations.NullMarked;
