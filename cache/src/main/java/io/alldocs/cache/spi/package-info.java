/** What a storage driver implements. Start at {@link io.alldocs.cache.spi.StorageDriver}; extend {@code StorageDriverContract} to test it. */
@NullMarked
package io.alldocs.cache.spi;

import org.jspecify.annotations.NullMarked;
