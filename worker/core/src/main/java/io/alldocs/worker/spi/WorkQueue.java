package io.alldocs.worker.spi;

import io.alldocs.worker.WorkItem;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Items that wait for workers, in one process or for many machines. Safe for concurrent use, by many processes where
 * the queue is for many.
 *
 * <ul>
 *   <li>Every item is handed out at least once, and again until somebody settles it: a worker that dies loses its
 *   leases, and its items wait again, at
 *       the head of their priority. A lost lease does not count as an attempt; after
 *       {@link QueueOptions#maxLostLeases()} of them the item becomes a dead letter.
 *   <li>An id is in the queue once: adding one that waits, is delayed or runs changes nothing. A dead letter's id may
 *   be added again, which takes it
 *       off the dead letters.
 *   <li>A higher {@link WorkItem#priority()} goes first; within one, who came first. An item whose pause or delay is
 *   over counts as come then.
 *   <li>At most {@link QueueOptions#intervalCap()} items are handed out in each {@link QueueOptions#interval()}, to all
 *   workers together. These are windows
 *       of fixed length, one after the other, as p-queue's are: the end of one and the beginning of the next may
 *       together bring twice as many in less.
 * </ul>
 *
 * <p>Every method throws {@link QueueException} when the queue's server refuses or cannot be reached, and
 * IllegalStateException after {@link #close()}. A lost connection is made again: what was added and not settled before
 * it is still there.
 */
public interface WorkQueue extends AutoCloseable {

    /** Of the reason of a failure at most this many characters are kept. */
    int MAX_REASON_CHARS = 1_000;

    /**
     * Largest payload, in bytes of its JSON: a mebibyte, as much as a {@code WorkerServer} takes in one request and
     * half of what a row of a Durable Object holds.
     */
    int MAX_PAYLOAD_BYTES = 1 << 20;

    /** Short name for messages and {@code QUEUE_DRIVER}. */
    String name();

    /** What this queue was made with. */
    QueueOptions options();

    /**
     * Adds items in order. Each is added or not by itself: after an exception some may have been, and adding them again
     * does no harm.
     *
     * @param items counting of attempts continues at {@link WorkItem#attempts()}: an item that was tried twice before
     *     has one attempt left of three
     * @param delay before they may be handed out; zero for none
     * @return how many were added; the others were in the queue already
     * @throws IllegalArgumentException when the delay is negative, or a payload is larger than
     *     {@link #MAX_PAYLOAD_BYTES}; nothing was added
     */
    int enqueue(Collection<WorkItem> items, Duration delay);

    /** Adds one item that may be handed out at once; whether it was added. */
    default boolean enqueue(WorkItem item) {
        return enqueue(List.of(item), Duration.ZERO) == 1;
    }

    /**
     * Takes items, as many as may be handed out now, at most {@code max}; when there is none, waits for one. Also takes
     * back what dead workers held.
     *
     * @param max 1 or more
     * @param wait how long to wait for the first item; zero for not at all
     * @return one lease each, in the order in which to do them; empty when there was nothing in that time, or the queue
     *     paused
     * @throws InterruptedException when interrupted while waiting; nothing was taken
     */
    List<Lease> reserve(int max, Duration wait) throws InterruptedException;

    /**
     * Tells what became of leased items. One whose lease ran out and that another has, or has settled, is passed over;
     * so is one that is settled already.
     *
     * @return the leases that were passed over: somebody does that work again
     */
    List<Lease> settle(Collection<? extends Settlement> settlements);

    /**
     * {@link #settle} and {@link #reserve} without waiting, in one round trip where the queue can. Default: one after
     * the other.
     *
     * @param max 0 or more
     */
    default List<Lease> settleAndReserve(Collection<? extends Settlement> settlements, int max)
            throws InterruptedException {
        settle(settlements);
        return max == 0 ? List.of() : reserve(max, Duration.ZERO);
    }

    /**
     * Begins the time of leases anew.
     *
     * @return the leases that are lost: their items are another's
     */
    List<Lease> renew(Collection<Lease> leases);

    /**
     * Nothing is handed out to anybody for that long; a longer pause that is in force stays in force. For an origin's
     * {@code Retry-After}.
     *
     * @param length zero or more
     */
    void pause(Duration length);

    /**
     * Called with what is left of a pause that began, here or elsewhere, soon after it did; on a thread of the queue's
     * or of who paused, so it must return soon. There may be several listeners; they stay until {@link #close()}.
     */
    void onPause(Consumer<Duration> listener);

    /** How many items there are, by state; of one moment where the queue can tell. */
    QueueSizes sizes();

    /** What is still to be done: {@link QueueSizes#open()}. */
    default long size() {
        return sizes().open();
    }

    /**
     * Waits until there is nothing to do: no item waits, is delayed or runs, here or elsewhere. Queues are told of it.
     * Default: asks for the sizes once a second.
     *
     * @param wait how long to wait at most; zero or less for not at all
     * @return whether there was nothing to do at some moment during the call
     * @throws InterruptedException when interrupted while waiting
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
     * What was given up, oldest first, lazily; what is added or taken off meanwhile may or may not appear. Close the
     * stream.
     */
    Stream<DeadLetter> deadLetters();

    /**
     * Lets dead letters wait again, as new: attempts are counted from 0.
     *
     * @param ids of dead letters; others are passed over
     * @return how many wait again
     */
    int retryDead(Collection<String> ids);

    /**
     * Forgets dead letters.
     *
     * @param ids of dead letters; others are passed over
     * @return how many were forgotten
     */
    int discardDead(Collection<String> ids);

    /**
     * Frees what the queue holds here; what is in it stays, if it outlives the process at all. Leases are not settled.
     * Twice is fine.
     */
    @Override
    void close();
}
