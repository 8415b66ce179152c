/**
 * What a work queue implements. Start at {@link io.alldocs.worker.spi.WorkQueue}; extend {@code WorkQueueContract} of
 * {@code all-docs-queue-contract} to test it.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.spi;

import org.jspecify.annotations.NullMarked;
