package io.alldocs.cache.internal.run;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Coalesces concurrent loads of one key. The first caller loads on its own thread, and the others wait for it. If the
 * loading thread is interrupted, one of the waiting threads takes over the load. If a waiting thread is interrupted, no
 * other thread is affected. Safe for concurrent use.
 */
public final class RequestCoalescer<V> {
    private final ConcurrentHashMap<String, InFlightLoad> coalescer = new ConcurrentHashMap<>();
    private final BiFunction<String, InterruptedException, RuntimeException> interrupted;

    /**
     * Creates a coalescer without loads.
     *
     * @param interrupted returns the exception for a thread that was interrupted, from a message and the cause
     */
    public RequestCoalescer(BiFunction<String, InterruptedException, RuntimeException> interrupted) {
        this.interrupted = interrupted;
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
            InFlightLoad flight = new InFlightLoad(key, whole);
            InFlightLoad other = coalescer.putIfAbsent(key, flight);
            if (other == null) {
                return flight.lead(load);
            }
            switch (other.await(whole)) {
                case ENDED -> {
                    if (other.whole || !whole) {
                        return other.landed();
                    }
                }
                case TAKEN_OVER -> {
                    return other.lead(load);
                }
                case ABANDONED -> {
                    // The load is already removed from the map.
                }
            }
        }
    }

    /** Runs {@code load} unless a load for the key is in flight. */
    public void leadIfFree(String key, Supplier<V> load) {
        InFlightLoad flight = new InFlightLoad(key, false);
        if (coalescer.putIfAbsent(key, flight) == null) {
            V unused = flight.lead(load);
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

        V lead(Supplier<V> load) {
            try {
                V entry = load.get();
                end(entry, null);
                return entry;
            } catch (RuntimeException | Error e) {
                if (Thread.currentThread().isInterrupted()) {
                    giveUp();
                } else {
                    end(null, e);
                }
                throw e;
            }
        }

        private void end(@Nullable V entry, @Nullable Throwable error) {
            lock.lock();
            try {
                result = entry;
                failure = error;
                ended = true;
                leave();
            } finally {
                lock.unlock();
            }
        }

        private void giveUp() {
            lock.lock();
            try {
                leader = null;
                abandonIfEmpty();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private void abandonIfEmpty() {
            if (leader == null && waiting == 0 && !ended) {
                abandoned = true;
                leave();
            }
        }

        private void leave() {
            coalescer.remove(key, this);
            changed.signalAll();
        }

        Turn await(boolean needsWhole) {
            lock.lock();
            try {
                if (leader == Thread.currentThread()) {
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
                Thread.currentThread().interrupt();
                throw interrupted.apply("Interrupted while waiting for another thread to load " + key, e);
            }
        }

        V landed() {
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
            if (result == null) {
                throw new IllegalStateException("The load of " + key + " has not ended.");
            }
            return result;
        }
    }
}
