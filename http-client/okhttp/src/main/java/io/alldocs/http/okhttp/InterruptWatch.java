package io.alldocs.http.okhttp;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends calls whose thread was interrupted, because a thread that waits for a socket does not notice an interrupt. One
 * daemon thread checks every {@value #PERIOD_MILLIS} ms. It starts with the first call and ends after a period without
 * calls.
 */
final class InterruptWatch {

    static final InterruptWatch SHARED = new InterruptWatch();

    private static final int PERIOD_MILLIS = 25;
    private static final int LOOKS_WITHOUT_CALLS = 200;

    private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();
    private volatile boolean running;

    private InterruptWatch() {}

    void add(Attempt attempt) {
        attempts.add(attempt);
        if (!running) {
            start();
        }
    }

    void remove(Attempt attempt) {
        attempts.remove(attempt);
    }

    private synchronized void start() {
        if (!running) {
            running = true;
            Thread thread = new Thread(this::watch, "okhttp-interrupts");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void watch() {
        for (int idle = 0; idle < LOOKS_WITHOUT_CALLS || !end(); ) {
            LockSupport.parkNanos(PERIOD_MILLIS * 1_000_000L);
            idle = attempts.isEmpty() ? idle + 1 : 0;
            attempts.forEach(Attempt::cancelIfInterrupted);
        }
    }

    /**
     * Stops the watch if there is no call; returns whether it stops. A call that arrives after the check sees
     * {@code running} false and starts another thread.
     */
    private synchronized boolean end() {
        running = false;
        if (attempts.isEmpty()) {
            return true;
        }
        running = true;
        return false;
    }
}
