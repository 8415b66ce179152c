/**
 * What a storage driver implements. Start at {@link io.alldocs.cache.spi.StorageDriver}; extend {@code StorageDriverContract} to test it.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.spi;

import org.jspecify.annotations.NullMarked;
