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
 * Lets the calls of many threads share requests. Whoever finds nobody at work becomes the leader and sends what is waiting, his own items among it, in
 * one request; what arrives meanwhile waits for the next, led by one of those who wait. So a lone call is sent at once, and the busier the driver is, the
 * more a request carries. Where requests are paced, what waits is gathered until the next may start. No thread of its own.
 *
 * @param <T> what is sent
 */
final class Gatherer<T extends Gatherer.Item> {

    /** One thing to be sent. The sender settles it; all else is this class's, guarded by its lock. */
    abstract static class Item {
        private @Nullable RuntimeException failure;
        private boolean settled;
        private @Nullable Call call;

        /** What counts against the limit of a request. */
        abstract int sizeBytes();

        /** By the sender: it is done. */
        final void succeed() {
            settled = true;
        }

        /** By the sender: it cannot be done. */
        final void fail(RuntimeException reason) {
            failure = reason;
            settled = true;
        }

        /** What it failed with, null when it succeeded. After {@link Gatherer#send}. */
        final @Nullable RuntimeException failure() {
            return failure;
        }
    }

    /** Sends a group in one request, or a few, and settles its items; those that it leaves unsettled are sent again. */
    interface Sender<T> {
        void send(List<T> group);
    }

    /** One thread that waits for its items. */
    private static final class Call {
        private final Condition turn;
        private int left;

        /** Nobody waits for it any more. */
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
     * @param maxItems of a request
     * @param maxBytes of a request, unless one item alone has more
     * @param rate requests that may start in a second, 0 for any number
     */
    Gatherer(int maxItems, int maxBytes, DoubleSupplier rate, Sender<T> sender) {
        this.maxItems = maxItems;
        this.maxBytes = maxBytes;
        this.rate = rate;
        this.sender = sender;
    }

    /**
     * Takes the place of the leader for a request of the caller's own, if nobody else is at work or waiting and a request may start now; then {@link
     * #leave} must follow.
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
     * Returns when all items are settled.
     *
     * @throws InterruptedException when the thread was interrupted: items that are being sent may be done or not, others are not sent
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
            call.gone = true; // of its items some may be under way, in another's request
            waiting.removeAll(items);
            wakeNext();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** One step of the loop that waits for a call's items. */
    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
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

    /** With the lock, which is given up while the request is under way. */
    private void lead() {
        List<T> group = nextGroup();
        begin();
        lock.unlock();
        RuntimeException failure = new IllegalStateException("The thread that sent the request ended with an error");
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

    /** How many items wait for a request. */
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

    /** Takes no more, and waits for what is under way. */
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
