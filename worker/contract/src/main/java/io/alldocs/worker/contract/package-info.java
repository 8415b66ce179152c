/** The test suite for work queues: extend {@code WorkQueueContract}. */
@NullMarked
package io.alldocs.worker.contract;

import org.jspecify.annotations.NullMarked;
