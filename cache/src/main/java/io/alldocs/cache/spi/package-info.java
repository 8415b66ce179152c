/**
 * The interfaces and helper classes for implementing a storage driver. Start with
 * {@link io.alldocs.cache.spi.StorageDriver}; extend {@code StorageDriverContract} to test a driver.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.spi;

import org.jspecify.annotations.NullMarked;
