package io.alldocs.worker;

import java.time.Duration;

/**
 * Receives the events of a {@link Worker}. The default implementation of each method does nothing.
 *
 * <p>The worker calls the methods on its own threads, several at the same time. An implementation must be safe for
 * concurrent use and return quickly. An exception that a method throws is logged, the first time as a warning, and the
 * worker continues.
 *
 * <p>After {@link #started}, exactly one of {@link #done}, {@link #retried}, {@link #dead} and {@link #released} is
 * called for the item. {@link #leaseLost} may be called in between.
 */
public interface WorkListener {
    /** Ignores every event. */
    WorkListener NONE = new WorkListener() {};

    /** Called before an item is processed. */
    default void started(WorkItem item) {}

    /**
     * Called when an item was processed.
     *
     * @param time processing time
     */
    default void done(WorkItem item, WorkResult result, Duration time) {}

    /**
     * Called when an item failed and the queue, or the platform that delivered it, will retry it.
     *
     * @param failure may contain details of the request, but no secrets
     * @param time processing time
     */
    default void retried(WorkItem item, Throwable failure, Duration time) {}

    /**
     * Called when an item failed permanently and becomes a dead letter.
     *
     * @param failure may contain details of the request, but no secrets
     * @param time processing time
     */
    default void dead(WorkItem item, Throwable failure, Duration time) {}

    /** Called when an item is returned to the queue unprocessed, for reasons unrelated to it: the worker stops. */
    default void released(WorkItem item) {}

    /** Called when an item's lease expired before the worker renewed it: another worker processes the item again. */
    default void leaseLost(WorkItem item) {}
}
