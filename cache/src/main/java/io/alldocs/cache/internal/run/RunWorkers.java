package io.alldocs.cache.internal.run;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The workers of one run. They run on an executor that may start them late, or not at all, and whose threads outlive
 * them. So the end of the first worker ends the run: all items are taken then. Workers that start later do nothing.
 */
public final class RunWorkers {
    private static final Logger LOG = System.getLogger(RunWorkers.class.getName());
    private static final long WARN_AFTER_SECONDS = 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** The threads of the workers that have begun and not ended. */
    private final Set<Thread> running = new HashSet<>();

    private boolean begun;
    private boolean over;
    private boolean stopped;

    /** Repeats {@code step} on the calling thread until it returns false. */
    public void work(BooleanSupplier step) {
        if (!begin()) {
            return;
        }
        try {
            boolean more = true;
            while (more) {
                more = step.getAsBoolean();
            }
        } finally {
            end();
        }
    }

    private boolean begin() {
        lock.lock();
        try {
            begun = true;
            changed.signalAll();
            return !over && running.add(Thread.currentThread());
        } finally {
            lock.unlock();
        }
    }

    /** Also clears the interrupt of {@link #stop}, so that it does not affect the executor's next task. */
    private void end() {
        lock.lock();
        try {
            over = true;
            running.remove(Thread.currentThread());
            if (stopped) {
                Thread.interrupted();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a worker has found no more items and no worker is running. Logs a warning if the executor starts none
     * for a while: its threads may all be waiting for runs like this one.
     */
    public void await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.SECONDS.toNanos(WARN_AFTER_SECONDS);
            while (!begun && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (!begun) {
                LOG.log(
                        Level.WARNING,
                        "The executor of a run has started no task for {0} s. It needs more threads than there are"
                                + " runs at the same time.",
                        WARN_AFTER_SECONDS);
            }
            while (!over || !running.isEmpty()) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Interrupts the workers and waits for them.
     *
     * @return whether they ended in time
     */
    public boolean stop(long seconds) throws InterruptedException {
        lock.lock();
        try {
            over = true;
            stopped = true;
            running.forEach(Thread::interrupt);
            long left = TimeUnit.SECONDS.toNanos(seconds);
            while (!running.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return running.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
