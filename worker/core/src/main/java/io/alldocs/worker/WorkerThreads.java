package io.alldocs.worker;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The threads that process items: those of the worker's executor and those of callers. The executor may start a loop
 * late, and its threads outlive the worker, so a thread counts only while it is in {@link #call}. Safe for concurrent
 * use.
 */
final class WorkerThreads {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private final Set<Thread> inside = new HashSet<>();

    /** Returns an executor that runs each task on a new daemon thread. */
    static Executor executor() {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "all-docs-worker-" + number.incrementAndGet());
            thread.setDaemon(true);
            thread.start();
        };
    }

    /** Runs {@code work} on the calling thread. */
    <T> T call(Callable<T> work) throws Exception {
        Thread thread = Thread.currentThread();
        boolean entered = add(thread);
        try {
            return work.call();
        } finally {
            if (entered) {
                remove(thread);
            }
        }
    }

    private boolean add(Thread thread) {
        lock.lock();
        try {
            return inside.add(thread);
        } finally {
            lock.unlock();
        }
    }

    private void remove(Thread thread) {
        lock.lock();
        try {
            inside.remove(thread);
            left.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void interrupt() {
        lock.lock();
        try {
            inside.forEach(Thread::interrupt);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until no thread is inside, for at most {@code nanos}.
     *
     * @return whether no thread is inside
     */
    boolean awaitNone(long nanos) throws InterruptedException {
        long patience = nanos;
        lock.lockInterruptibly();
        try {
            while (!inside.isEmpty() && patience > 0) {
                patience = left.awaitNanos(patience);
            }
            return inside.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
