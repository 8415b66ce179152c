package io.alldocs.storage.cloudflare;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Batches the calls of many threads into shared requests. A thread that finds no request in flight becomes the leader
 * and sends all waiting items, including its own, in one request. Items that arrive meanwhile wait for the next
 * request, which one of the waiting threads leads. A single call is therefore sent at once, and under load each request
 * carries more items. If the request rate is limited, items accumulate until the next request may start. This class
 * starts no thread.
 *
 * @param <T> type of the items
 */
final class RequestBatcher<T extends RequestBatcher.Item> {

    /** An item to send. The sender settles it; this class manages all other state, guarded by its lock. */
    abstract static class Item {
        private @Nullable RuntimeException failure;
        private boolean settled;
        private @Nullable Call call;

        /** Returns the size that counts against the limit of a request. */
        abstract int sizeBytes();

        /** Called by the sender when the item is done. */
        final void succeed() {
            settled = true;
        }

        /** Called by the sender when the item cannot be done. */
        final void fail(RuntimeException reason) {
            failure = reason;
            settled = true;
        }

        /**
         * Returns the reason of the failure, or null if the item succeeded. Valid after {@link RequestBatcher#send}.
         */
        final @Nullable RuntimeException failure() {
            return failure;
        }
    }

    /** Sends a group in one or a few requests and settles its items. Unsettled items are sent again. */
    interface Sender<T> {
        void send(List<T> group);
    }

    /** A thread that waits for its items. */
    private static final class Call {
        private final Condition turn;
        private int left;

        /** Whether the thread has stopped waiting. */
        private boolean gone;

        Call(Condition turn, int items) {
            this.turn = turn;
            this.left = items;
        }
    }

    private final Sender<T> sender;
    private final int maxItems;
    private final int maxBytes;
    private final DoubleSupplier rate;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Deque<T> waiting = new ArrayDeque<>();
    private boolean busy;
    private boolean closed;
    private long notBefore = System.nanoTime();

    /**
     * @param maxItems maximum number of items in a request
     * @param maxBytes maximum size of a request, unless a single item is larger
     * @param rate requests that may start per second, 0 for no limit
     */
    RequestBatcher(int maxItems, int maxBytes, DoubleSupplier rate, Sender<T> sender) {
        this.maxItems = maxItems;
        this.maxBytes = maxBytes;
        this.rate = rate;
        this.sender = sender;
    }

    /**
     * Becomes the leader for a request of the caller's own, if no other thread leads or waits and a request may start
     * now. If this returns true, the caller must call {@link #leave} afterwards.
     *
     * @throws IllegalStateException after {@link #close()}
     */
    boolean enterAlone() {
        lock.lock();
        try {
            requireOpen();
            if (busy || !waiting.isEmpty() || nanosToWait() > 0) {
                return false;
            }
            begin();
            return true;
        } finally {
            lock.unlock();
        }
    }

    void leave() {
        lock.lock();
        try {
            end();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sends items and returns when all of them are settled.
     *
     * @throws InterruptedException if the thread is interrupted; items in flight may or may not be done, the others are
     *     not sent
     * @throws IllegalStateException after {@link #close()}
     */
    void send(List<T> items) throws InterruptedException {
        Call call = new Call(lock.newCondition(), items.size());
        lock.lock();
        try {
            requireOpen();
            for (T item : items) {
                ((Item) item).call = call;
                waiting.add(item);
            }
            while (call.left > 0) {
                awaitOrLead(call);
            }
        } catch (InterruptedException e) {
            call.gone = true; // some of its items may be in flight, in another thread's request
            waiting.removeAll(items);
            wakeNext();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** Runs one step of the loop that waits for a call's items. */
    @SuppressWarnings("WaitNotInLoop") // the caller loops
    private void awaitOrLead(Call call) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long nanos = nanosToWait();
        if (busy) {
            call.turn.await();
        } else if (nanos > 0) {
            call.turn.awaitNanos(nanos);
        } else {
            lead();
        }
    }

    private long nanosToWait() {
        return notBefore - System.nanoTime();
    }

    private void begin() {
        busy = true;
        double perSecond = rate.getAsDouble();
        long gap = perSecond == 0 ? 0 : (long) (TimeUnit.SECONDS.toNanos(1) / perSecond);
        notBefore = System.nanoTime() + gap;
    }

    private void end() {
        busy = false;
        wakeNext();
    }

    /** Sends one group. The caller holds the lock, which is released while the request is in flight. */
    private void lead() {
        List<T> group = nextGroup();
        begin();
        lock.unlock();
        RuntimeException failure = new IllegalStateException("The thread that sent the batch failed with an error");
        try {
            sender.send(group);
            failure = null;
        } catch (RuntimeException e) {
            failure = e;
        } finally {
            lock.lock();
            settle(group, failure);
            end();
        }
    }

    private void settle(List<T> group, @Nullable RuntimeException failure) {
        for (int i = group.size() - 1; i >= 0; i--) {
            T each = group.get(i);
            Item item = each;
            if (!item.settled && failure != null) {
                item.fail(failure);
            }
            if (!item.settled && !isGone(item.call)) {
                waiting.addFirst(each);
            } else if (item.settled && item.call != null) {
                item.call.left--;
                if (item.call.left == 0) {
                    item.call.turn.signal();
                }
            }
        }
    }

    private static boolean isGone(@Nullable Call call) {
        return call != null && call.gone;
    }

    private void wakeNext() {
        Item next = waiting.peek();
        if (next != null && next.call != null) {
            next.call.turn.signal();
        } else {
            idle.signalAll();
        }
    }

    private List<T> nextGroup() {
        List<T> group = new ArrayList<>();
        long bytes = 0;
        for (T next = waiting.peek(); next != null && group.size() < maxItems; next = waiting.peek()) {
            bytes += next.sizeBytes();
            if (bytes > maxBytes && !group.isEmpty()) {
                break;
            }
            group.add(waiting.remove());
        }
        return group;
    }

    /** Returns the number of items that wait for a request. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The driver is closed");
        }
    }

    /** Rejects new items and waits for requests in flight. */
    void close() {
        lock.lock();
        try {
            closed = true;
            while (busy || !waiting.isEmpty()) {
                idle.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
