/**
 * The cache: keys, entries, freshness and modes, request coalescing and checkpoints. The SPI for storage drivers is in
 * {@link io.alldocs.cache.spi}; {@code io.alldocs.cache.scan} reads whole stores. Packages named {@code internal} are
 * not part of the API.
 *
 * <p>This package contains no HTTP client and nothing specific to npm except its keys. Start with
 * {@link io.alldocs.cache.Cache}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache;

import org.jspecify.annotations.NullMarked;
