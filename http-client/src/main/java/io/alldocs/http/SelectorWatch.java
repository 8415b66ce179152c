package io.alldocs.http;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The executor of one client of the JDK's. It runs each task at once, in the thread that brings it, and notes what the
 * selector thread does: of all timeouts of {@code java.net.http} that thread keeps the time, so a task that never ends
 * stops them all. Safe for concurrent use.
 */
final class SelectorWatch implements Executor {

    /** What a thread waits for an answer before it looks at the selector thread. */
    private static final long FIRST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long NEXT_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * Looks that must find the thread in the same task: one second, in which whoever looks was given CPU time too. A
     * healthy task takes microseconds.
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
     * Runs {@code task} here and now.
     *
     * @throws RejectedExecutionException if the client was given up, or was replaced and nobody waits for it: its
     *     connections end by that, even one on which the server sends without end
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
        // A task within a task, such as the next record of TLS, is progress: the thread is busy, not lost.
        tasks.setRelease(tasks.getPlain() + (depth++ == 0 ? 1 : 2));
        try {
            task.run();
        } finally {
            if (--depth == 0) {
                tasks.setRelease(tasks.getPlain() + 1);
            }
        }
    }

    /** The JDK gives the thread away by its name alone. */
    private boolean isSelector(Thread current) {
        Thread known = selector;
        if (known == null && current.getName().endsWith("-SelectorManager")) {
            selector = current;
            return true;
        }
        return current == known;
    }

    /** Whether the selector thread has ended, for instance because memory ran out. */
    boolean isDead() {
        Thread known = selector;
        return known != null && !known.isAlive();
    }

    /** An exchange over HTTP/2 has begun, whose client is to serve it to its end though it be replaced. */
    void begin() {
        exchanges.incrementAndGet();
    }

    /** Such an exchange is over. */
    void end() {
        exchanges.decrementAndGet();
    }

    /** No further exchange begins. */
    void replace() {
        replaced = true;
    }

    /** Notes the task in which the thread is lost, if it is in one. */
    void giveUp() {
        givenUp = true;
        long task = tasks.getAcquire();
        lostIn = task % 2 == 0 ? 0 : task;
    }

    /** Whether the thread was given up in a task that it has not left yet. */
    boolean isStuck() {
        return lostIn != 0 && tasks.getAcquire() == lostIn && !isDead();
    }

    /** For one thread that waits for something that the selector thread will bring. */
    Looks looks() {
        return new Looks();
    }

    /** What one waiting thread has seen of the selector thread. */
    final class Looks {
        private long task;
        private int times;

        /** How long to wait before the next look. */
        long nanosToNext() {
            return times == 0 ? FIRST_LOOK_NANOS : NEXT_LOOK_NANOS;
        }

        /** Looks once more: whether the selector thread is lost. */
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
         * Looks until the selector thread has left the task that it is in: whether it is lost instead. Ends at once if
         * this thread is interrupted.
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
