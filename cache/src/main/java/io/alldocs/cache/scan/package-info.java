/**
 * Reads, counts, copies and compares whole stores. Start with {@link io.alldocs.cache.scan.CacheScan}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.scan;

import org.jspecify.annotations.NullMarked;
