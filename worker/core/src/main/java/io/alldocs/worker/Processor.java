package io.alldocs.worker;

/**
 * Processes the work items of one type. Processors are found by ServiceLoader (name the class in
 * {@code META-INF/services/io.alldocs.worker.Processor}; public no-argument constructor), or passed to
 * {@link WorkerBuilder#processor}. A processor for a built-in type replaces the built-in one.
 *
 * <p>Processors must be thread-safe, because many threads call them at the same time. They must be idempotent, because
 * an item is processed again if its worker crashed or its lease expired.
 */
public interface Processor {

    /** Returns the {@link WorkItem#type()} of the items to process. */
    String type();

    /**
     * Processes one item. The exception it throws decides what happens to the item:
     *
     * <ul>
     * <li>{@link WorkException} and {@link io.alldocs.http.TemporaryException} state whether and when to retry
     * <li>{@link IllegalArgumentException} (an invalid payload) and {@link io.alldocs.http.PermanentException}: the
     * item becomes a dead letter immediately
     * <li>{@link io.alldocs.http.AuthException}, {@link io.alldocs.packument.NotARegistryException} and a
     * {@link io.alldocs.cache.spi.StorageException} that is not retryable affect every item: the item returns to the
     * queue and the worker stops
     * <li>an interrupt: the item returns to the queue
     * <li>any other exception: the item is retried, as often as the queue allows
     * </ul>
     *
     * @param item the item; its {@link WorkItem#attempts()} includes this attempt
     * @return the result, for progress reports and for callers that wait for the item
     * @throws InterruptedException if the worker stops and the time to finish is over
     */
    WorkResult process(WorkItem item, WorkContext context) throws InterruptedException;
}
