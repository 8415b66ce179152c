/**
 * Workers: {@link io.alldocs.worker.WorkItem items} that a {@link io.alldocs.worker.spi.WorkQueue} hands out are done
 * by {@link io.alldocs.worker.Processor processors}, by one process or a fleet. Any of them may die at any time: what
 * it held is done again by another.
 *
 * <p>{@link io.alldocs.worker.Worker} is the loop, {@link io.alldocs.worker.WorkerRuntime} a whole worker as the
 * environment says, {@link io.alldocs.worker.WorkerServer} its HTTP face. Built in are items that go through a
 * registry: {@code partition-set}, {@code partition} and {@code packument}, with progress in checkpoints. Queues on
 * servers are other artifacts' ({@link io.alldocs.worker.WorkQueues} finds them). Nothing here makes an item happen
 * exactly once: processors are idempotent instead.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker;

import org.jspecify.annotations.NullMarked;
