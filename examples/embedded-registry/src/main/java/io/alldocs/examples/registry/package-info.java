/**
 * An npm registry in one jar, for tests, benchmarks and demonstrations. It serves the replication API
 * ({@code _all_docs}, {@code _changes}) and the packuments of 1 to 5,000,000 names on one port of 127.0.0.1. Faults can
 * be switched on and off while it runs, and it counts all requests.
 *
 * <p>It implements the protocol of {@code https://replicate.npmjs.com} and {@code https://registry.npmjs.com} as
 * measured in 2025 and 2026. Keys are inclusive and in byte order, and offsets are exact. A page has 1,000 rows by
 * default and 10,000 at most. {@code skip} and {@code include_docs} get 400. Sequences are sparse. Packuments are full
 * or abbreviated, and only packuments have validators. If npm's response to a parameter is not known, it responds with
 * 400, so that no client relies on a guess.
 *
 * <p>It binds no other address, serves no tarballs, and accepts only GET and HEAD. It does not store documents, but
 * generates them on request. Methods of {@link io.alldocs.examples.registry.EmbeddedRegistry} change the documents. It
 * depends on no other module of this project.
 *
 * <p>Start with {@link io.alldocs.examples.registry.EmbeddedRegistry}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.examples.registry;

import org.jspecify.annotations.NullMarked;
