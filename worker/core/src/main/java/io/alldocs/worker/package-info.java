/**
 * Workers: {@link io.alldocs.worker.Processor processors} process {@link io.alldocs.worker.WorkItem items} leased from
 * a {@link io.alldocs.worker.spi.WorkQueue}, in one process or in a fleet. Any worker may crash at any time; another
 * worker then processes its items again.
 *
 * <p>{@link io.alldocs.worker.Worker} is the processing loop, {@link io.alldocs.worker.WorkerRuntime} a complete worker
 * configured by the environment, and {@link io.alldocs.worker.WorkerServer} its HTTP server. The built-in items scan a
 * registry: {@code partition-set}, {@code partition} and {@code packument}, with progress stored in checkpoints. Queues
 * on servers are in other artifacts ({@link io.alldocs.worker.WorkQueues} finds them). Items are not processed exactly
 * once; processors are idempotent instead.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker;

import org.jspecify.annotations.NullMarked;
