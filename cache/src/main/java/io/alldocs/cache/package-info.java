/**
 * The cache: keys, entries, freshness and modes, request coalescing, checkpoints, and the SPI for storage drivers in
 * {@link io.alldocs.cache.spi}.
 *
 * <p>This package contains no HTTP client and nothing specific to npm except its keys. Start with
 * {@link io.alldocs.cache.Cache}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache;

import org.jspecify.annotations.NullMarked;
