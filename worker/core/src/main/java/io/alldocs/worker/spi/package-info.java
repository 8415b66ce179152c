/**
 * The service provider interface for work queues. Start with {@link io.alldocs.worker.spi.WorkQueue}; to test an
 * implementation, extend {@code WorkQueueContract} of {@code all-docs-queue-contract}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.spi;

import org.jspecify.annotations.NullMarked;
