package io.alldocs.cache.internal.run;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Coalesces concurrent loads of one key. The first caller loads on its own thread, and the others wait for it. If the
 * loading thread is interrupted, one of the waiting threads takes over the load. If a waiting thread is interrupted, no
 * other thread is affected. Each caller receives its own share of the result. Safe for concurrent use.
 */
public final class RequestCoalescer<V> {
    private final ConcurrentHashMap<String, InFlightLoad> loads = new ConcurrentHashMap<>();
    private final BiFunction<String, InterruptedException, RuntimeException> interrupted;
    private final UnaryOperator<V> share;
    private final Consumer<V> release;

    /**
     * Creates a coalescer without loads.
     *
     * @param interrupted returns the exception for a thread that was interrupted, from a message and the cause
     * @param share returns the same result for another caller; called while the result has an owner
     * @param release releases a result that no caller receives
     */
    public RequestCoalescer(
            BiFunction<String, InterruptedException, RuntimeException> interrupted,
            UnaryOperator<V> share,
            Consumer<V> release) {
        this.interrupted = interrupted;
        this.share = share;
        this.release = release;
    }

    /**
     * Returns the result of the in-flight load for {@code key}, or runs {@code load} if there is none.
     *
     * @param whole whether the load must not rely on a stored entry; such a call does not accept the result of a load
     *     that may
     * @throws RuntimeException the exception of the constructor's function, if interrupted while waiting
     */
    public V join(String key, boolean whole, Supplier<V> load) {
        while (true) {
            InFlightLoad created = new InFlightLoad(key, whole);
            InFlightLoad inFlight = loads.compute(key, (k, other) -> other == null ? created : other.joined());
            if (inFlight == created) {
                return created.lead(load);
            }
            switch (inFlight.await(whole)) {
                case ENDED -> {
                    if (inFlight.whole || !whole) {
                        return inFlight.result();
                    }
                    inFlight.leave();
                }
                case TAKEN_OVER -> {
                    return inFlight.lead(load);
                }
                case ABANDONED -> {
                    // The load is already removed from the map.
                }
            }
        }
    }

    /** Runs {@code load} unless a load for the key is in flight. */
    public void leadIfFree(String key, Supplier<V> load) {
        InFlightLoad created = new InFlightLoad(key, false);
        if (loads.putIfAbsent(key, created) == null) {
            release.accept(created.lead(load));
        }
    }

    private enum Turn {
        ENDED,
        TAKEN_OVER,
        ABANDONED
    }

    /**
     * One load and the threads that wait for it. It ends once, with a result or a failure, or is abandoned when its
     * last thread was interrupted.
     */
    private final class InFlightLoad {
        private final String key;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();

        /** Calls that have not received the result. Grows only while the load is in the map. */
        private final AtomicInteger callers = new AtomicInteger(1);

        private boolean whole;
        private @Nullable Thread leader = Thread.currentThread();
        private int waiting;
        private boolean ended;
        private boolean abandoned;
        private @Nullable V result;
        private @Nullable Throwable failure;

        InFlightLoad(String key, boolean whole) {
            this.key = key;
            this.whole = whole;
        }

        InFlightLoad joined() {
            callers.incrementAndGet();
            return this;
        }

        V lead(Supplier<V> load) {
            V loaded;
            try {
                loaded = load.get();
            } catch (RuntimeException | Error e) {
                if (Thread.currentThread().isInterrupted()) {
                    giveUp();
                } else {
                    end(null, e);
                }
                throw e;
            }
            end(loaded, null);
            return result();
        }

        private void end(@Nullable V loaded, @Nullable Throwable error) {
            lock.lock();
            try {
                result = loaded;
                failure = error;
                ended = true;
                remove();
            } finally {
                lock.unlock();
            }
        }

        private void giveUp() {
            lock.lock();
            try {
                leader = null;
                callers.decrementAndGet();
                abandonIfEmpty();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private void abandonIfEmpty() {
            if (leader == null && waiting == 0 && !ended) {
                abandoned = true;
                remove();
            }
        }

        private void remove() {
            loads.remove(key, this);
            changed.signalAll();
        }

        Turn await(boolean needsWhole) {
            lock.lock();
            try {
                if (leader == Thread.currentThread()) {
                    callers.decrementAndGet();
                    throw new IllegalStateException("Recursive load of " + key + ": its loader fetches the same key.");
                }
                awaitChange();
                if (!ended && !abandoned) {
                    // The first thread to wake up in a load without a leader becomes its leader; the others keep
                    // waiting.
                    leader = Thread.currentThread();
                    whole = needsWhole;
                    return Turn.TAKEN_OVER;
                }
                return ended ? Turn.ENDED : Turn.ABANDONED;
            } finally {
                lock.unlock();
            }
        }

        private void awaitChange() {
            waiting++;
            try {
                while (!ended && !abandoned && leader != null) {
                    changed.await();
                }
                waiting--;
            } catch (InterruptedException e) {
                waiting--;
                abandonIfEmpty();
                leave();
                Thread.currentThread().interrupt();
                throw interrupted.apply("Interrupted while waiting for another thread to load " + key, e);
            }
        }

        /** Returns the caller's share of the result. The last caller receives the result itself. */
        V result() {
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
            lock.lock();
            try {
                if (result == null) {
                    throw new IllegalStateException("The load of " + key + " has not ended.");
                }
                return callers.decrementAndGet() == 0 ? result : share.apply(result);
            } finally {
                lock.unlock();
            }
        }

        /** Ends a call that does not receive the result. */
        void leave() {
            lock.lock();
            try {
                if (callers.decrementAndGet() == 0 && result != null) {
                    release.accept(result);
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
