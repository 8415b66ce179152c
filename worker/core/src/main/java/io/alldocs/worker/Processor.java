package io.alldocs.worker;

/**
 * Does the work items of one type. Found by ServiceLoader (name the class in
 * {@code META-INF/services/io.alldocs.worker.Processor}; public no-argument constructor), or given to
 * {@link Worker.Builder#processor}. One of a type that is built in takes its place.
 *
 * <p>Called by many threads at the same time, and more than once for an item whose worker died or whose lease ran out:
 * doing it again must do no harm.
 */
public interface Processor {

    /** Which items it does: {@link WorkItem#type()}. */
    String type();

    /**
     * Does one item. What it throws decides what becomes of the item:
     *
     * <ul>
     *   <li>{@link WorkException} and {@link io.alldocs.http.TemporaryException} say themselves whether and when to try
     *   again
     *   <li>{@link IllegalArgumentException} (a payload that makes no sense) and
     *   {@link io.alldocs.http.PermanentException}: a dead letter at once
     *   <li>{@link io.alldocs.http.AuthException}, {@link io.alldocs.packument.NotARegistryException} and a
     *   {@link io.alldocs.cache.StorageException} that is not
     *       retryable concern every item: this one is handed back and the worker stops
     *   <li>an interrupt: it is handed back
     *   <li>anything else is tried again, as often as the queue allows
     * </ul>
     *
     * @param item with {@link WorkItem#attempts()} counting this attempt too
     * @return what was done, for progress and for those who wait for it
     * @throws InterruptedException when the worker stops and the time to finish is over
     */
    WorkResult process(WorkItem item, WorkContext context) throws InterruptedException;
}
