package io.alldocs.http;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The executor of one JDK HTTP client. It runs each task immediately on the submitting thread and records the activity
 * of the selector thread. That thread drives all timeouts of {@code java.net.http}, so a task that never ends disables
 * them all. Safe for concurrent use.
 */
final class SelectorWatch implements Executor {

    /** How long a thread waits for a response before it checks the selector thread. */
    private static final long FIRST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long NEXT_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * Number of consecutive checks that must find the thread in the same task. Together they take one second, in which
     * the checking thread also received CPU time. A normal task takes microseconds.
     */
    private static final int LOOKS = 20;

    /** Odd while the selector thread runs a task. */
    private final AtomicLong tasks = new AtomicLong();

    private final AtomicInteger exchanges = new AtomicInteger();
    private volatile @Nullable Thread selector;
    private volatile long lostIn;
    private volatile boolean replaced;
    private volatile boolean givenUp;
    private int depth;

    /**
     * Runs {@code task} immediately on the calling thread.
     *
     * @throws RejectedExecutionException if the client was given up, or was replaced and has no exchange in progress.
     *     The exception closes its connections, even one on which the server sends endlessly
     */
    @Override
    public void execute(Runnable task) {
        if (givenUp || (replaced && exchanges.get() == 0)) {
            throw new RejectedExecutionException("The HTTP client was replaced.");
        }
        if (!isSelector(Thread.currentThread())) {
            task.run();
            return;
        }
        // A nested task, such as the next TLS record, counts as progress: the thread is busy and not lost.
        tasks.setRelease(tasks.getPlain() + (depth++ == 0 ? 1 : 2));
        try {
            task.run();
        } finally {
            if (--depth == 0) {
                tasks.setRelease(tasks.getPlain() + 1);
            }
        }
    }

    /** Returns whether {@code current} is the selector thread, which the JDK identifies only by its name. */
    private boolean isSelector(Thread current) {
        Thread known = selector;
        if (known == null && current.getName().endsWith("-SelectorManager")) {
            selector = current;
            return true;
        }
        return current == known;
    }

    /** Returns whether the selector thread has ended, for example because of an OutOfMemoryError. */
    boolean isDead() {
        Thread known = selector;
        return known != null && !known.isAlive();
    }

    /** Called when an exchange over HTTP/2 begins. The client serves it to its end even if it is replaced. */
    void begin() {
        exchanges.incrementAndGet();
    }

    /** Called when such an exchange has ended. */
    void end() {
        exchanges.decrementAndGet();
    }

    /** Called when the client is replaced: no further exchange begins. */
    void replace() {
        replaced = true;
    }

    /** Records the task in which the thread is lost, if it is in one. */
    void giveUp() {
        givenUp = true;
        long task = tasks.getAcquire();
        lostIn = task % 2 == 0 ? 0 : task;
    }

    /** Returns whether the thread was given up in a task that it has not left yet. */
    boolean isStuck() {
        return lostIn != 0 && tasks.getAcquire() == lostIn && !isDead();
    }

    /** Returns the observations of one thread that waits for a result of the selector thread. */
    Looks looks() {
        return new Looks();
    }

    /** The observations that one waiting thread has made of the selector thread. */
    final class Looks {
        private long task;
        private int times;

        /** Returns how long to wait before the next check. */
        long nanosToNext() {
            return times == 0 ? FIRST_LOOK_NANOS : NEXT_LOOK_NANOS;
        }

        /** Checks once more and returns whether the selector thread is lost. */
        boolean findLost() {
            if (lostIn != 0 || isDead()) {
                return true;
            }
            long now = tasks.getAcquire();
            if (now % 2 == 0) {
                times = 0;
                return false;
            }
            times = now == task ? times + 1 : 1;
            task = now;
            return times >= LOOKS;
        }

        /**
         * Checks until the selector thread has left its current task, and returns whether it is lost instead. Returns
         * at once if this thread is interrupted.
         */
        boolean findLostInTheEnd() {
            while (!findLost()) {
                if (times == 0 || Thread.currentThread().isInterrupted()) {
                    return false;
                }
                LockSupport.parkNanos(this, NEXT_LOOK_NANOS);
            }
            return true;
        }
    }
}
