/**
 * The cache: keys, entries, freshness and modes, coalescing, checkpoints, and the storage-driver SPI in {@link io.alldocs.cache.spi}.
 *
 * <p>Knows no HTTP client and nothing of npm beyond its keys. Start at {@link io.alldocs.cache.Cache}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache;

import org.jspecify.annotations.NullMarked;
