/**
 * An npm registry in one jar, for tests, benchmarks and demonstrations: the replication API ({@code _all_docs}, {@code _changes}) and the packuments of
 * 1 to 5,000,000 names on one port of 127.0.0.1, with faults that are switched on and off while it runs and a count of everything it was asked.
 *
 * <p>It keeps the protocol of {@code https://replicate.npmjs.com} and {@code https://registry.npmjs.com} as measured in 2025 and 2026: inclusive keys in
 * byte order, exact offsets, 1,000 rows by default and 10,000 at most, 400 for {@code skip} and {@code include_docs}, sparse sequences, full and
 * abbreviated packuments, validators on packuments only. Where npm's answer to a parameter is not known it refuses with 400, so that no client comes to
 * rely on a guess.
 *
 * <p>It refuses to bind any other address, to store documents (they are made when asked for), to serve tarballs and to accept anything but GET and HEAD;
 * changes are made by calls on {@link io.alldocs.examples.registry.EmbeddedRegistry}. It depends on no other module of this project.
 *
 * <p>Open {@link io.alldocs.examples.registry.EmbeddedRegistry} first.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.examples.registry;

import org.jspecify.annotations.NullMarked;
