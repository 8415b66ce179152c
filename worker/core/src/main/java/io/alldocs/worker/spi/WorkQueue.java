package io.alldocs.worker.spi;

import io.alldocs.worker.WorkItem;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A queue of work items, for the workers of one process or of many machines. Safe for concurrent use; a queue shared by
 * several processes is also safe for concurrent use by all of them.
 *
 * <ul>
 * <li>At-least-once delivery: every item is leased until a worker settles it. If a worker crashes, its leases expire
 * and its items return to the head of their priority. A lost lease does not count as an attempt; after
 * {@link QueueOptions#maxLostLeases()} lost leases the item becomes a dead letter.
 * <li>Ids are unique: adding an id that is waiting, delayed or running has no effect. The id of a dead letter may be
 * added again, which removes the dead letter.
 * <li>Items with a higher {@link WorkItem#priority()} are leased first, and items of the same priority in the order
 * they arrived. An item whose backoff or delay has ended counts as arriving at that moment.
 * <li>At most {@link QueueOptions#intervalCap()} items are leased in each {@link QueueOptions#interval()}, by all
 * workers together. Intervals are consecutive windows of fixed length, as in p-queue. The end of one window and the
 * start of the next may together lease twice as many items in less than one interval.
 * </ul>
 *
 * <p>Every method throws {@link QueueException} if the queue's server refuses the request or is unreachable, and
 * IllegalStateException after {@link #close()}. The queue reconnects after a lost connection; items that were added and
 * not settled are still in the queue.
 */
public interface WorkQueue extends AutoCloseable {

    /** Maximum number of characters kept of the reason of a failure. */
    int MAX_REASON_CHARS = 1_000;

    /**
     * Maximum payload size, in bytes of its JSON: 1 MiB. This is the most a {@code WorkerServer} accepts in one
     * request, and half of what a row of a Durable Object holds.
     */
    int MAX_PAYLOAD_BYTES = 1 << 20;

    /** Returns the short name, used in messages and in {@code QUEUE_DRIVER}. */
    String name();

    /** Returns the options this queue was created with. */
    QueueOptions options();

    /**
     * Adds items in order. Each item is added independently: after an exception, some items may have been added. Adding
     * them again is safe.
     *
     * @param items the items; attempts are counted from {@link WorkItem#attempts()}, so an item with two attempts has
     *     one attempt left if three are allowed
     * @param delay how long to wait before the items may be leased; zero for no delay
     * @return how many items were added; the others were already in the queue
     * @throws IllegalArgumentException if the delay is negative or a payload is larger than {@link #MAX_PAYLOAD_BYTES};
     *     nothing was added
     */
    int enqueue(Collection<WorkItem> items, Duration delay);

    /** Adds one item without a delay, and returns whether it was added. */
    default boolean enqueue(WorkItem item) {
        return enqueue(List.of(item), Duration.ZERO) == 1;
    }

    /**
     * Leases as many items as are available, up to {@code max}. If none is available, waits for one. Also reclaims
     * items whose leases have expired.
     *
     * @param max maximum number of items; 1 or more
     * @param wait how long to wait for the first item; zero to return immediately
     * @return one lease per item, in the order in which to process them. Empty if no item became available in time or
     *     the queue is paused
     * @throws InterruptedException if the thread is interrupted while waiting; nothing was leased
     */
    List<Lease> reserve(int max, Duration wait) throws InterruptedException;

    /**
     * Settles leased items. Skips a lease that expired if another worker leased or settled its item since, and a lease
     * that is already settled.
     *
     * @return the leases that were skipped; another worker processes those items again
     */
    List<Lease> settle(Collection<? extends Settlement> settlements);

    /**
     * Calls {@link #settle} and {@link #reserve} without waiting, in one round trip if the queue supports it. The
     * default implementation makes two calls.
     *
     * @param max maximum number of items to lease; 0 or more
     */
    default List<Lease> settleAndReserve(Collection<? extends Settlement> settlements, int max)
            throws InterruptedException {
        settle(settlements);
        return max == 0 ? List.of() : reserve(max, Duration.ZERO);
    }

    /**
     * Renews leases, restarting their duration.
     *
     * @return the leases that are lost; their items belong to other workers
     */
    List<Lease> renew(Collection<Lease> leases);

    /**
     * Pauses the queue: no worker receives items for the given time. A longer pause that is already in effect remains.
     * Used for an origin's {@code Retry-After}.
     *
     * @param length length of the pause; zero or more
     */
    void pause(Duration length);

    /**
     * Registers a listener for pauses. Shortly after a pause starts, in this process or another, the listener receives
     * the remaining time. It runs on a thread of the queue or of the caller that paused it, so it must return quickly.
     * Several listeners are allowed; they stay registered until {@link #close()}.
     */
    void onPause(Consumer<Duration> listener);

    /** Returns the number of items by state, as a consistent snapshot if the queue supports it. */
    QueueSizes sizes();

    /** Returns the number of unfinished items: {@link QueueSizes#open()}. */
    default long size() {
        return sizes().open();
    }

    /**
     * Waits until the queue is idle: no item is waiting, delayed or running, in any process. Queues override this with
     * a notification; the default implementation polls the sizes once a second.
     *
     * @param wait maximum time to wait; zero or less to return immediately
     * @return whether the queue was idle at some moment during the call
     * @throws InterruptedException if the thread is interrupted while waiting
     */
    default boolean awaitIdle(Duration wait) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(wait);
        while (size() > 0) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
        }
        return true;
    }

    /**
     * Returns the dead letters, oldest first, read lazily. Dead letters added or removed meanwhile may or may not
     * appear. The caller must close the stream.
     */
    Stream<DeadLetter> deadLetters();

    /**
     * Returns dead letters to the queue as new items, with attempts counted from 0.
     *
     * @param ids ids of dead letters; other ids are ignored
     * @return how many items were returned to the queue
     */
    int retryDead(Collection<String> ids);

    /**
     * Deletes dead letters.
     *
     * @param ids ids of dead letters; other ids are ignored
     * @return how many were deleted
     */
    int discardDead(Collection<String> ids);

    /**
     * Releases the resources of this client. Items remain in the queue, if it outlives the process. Leases are not
     * settled. Idempotent.
     */
    @Override
    void close();
}
