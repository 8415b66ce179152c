/**
 * The test suite for work queues: extend {@code WorkQueueContract}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.contract;

import org.jspecify.annotations.NullMarked;
