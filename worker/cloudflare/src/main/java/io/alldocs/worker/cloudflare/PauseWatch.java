package io.alldocs.worker.cloudflare;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Notifies listeners of a queue's pauses. A thread keeps a request open; the response arrives when a pause begins. */
final class PauseWatch implements AutoCloseable {
    /** Wait after a failure that the client's own retries did not resolve. */
    private static final long REST_SECONDS = 5;

    private static final Logger LOG = System.getLogger(PauseWatch.class.getName());

    private final QueueApi api;
    private final String queue;
    private final List<Consumer<Duration>> listeners = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /** @param queue name for messages */
    PauseWatch(QueueApi api, String queue) {
        this.api = api;
        this.queue = queue;
        this.thread = new Thread(this::run, "all-docs-queue-pauses");
        thread.setDaemon(true);
    }

    /** Adds a listener. The first one starts the watch. */
    synchronized void add(Consumer<Duration> listener) {
        listeners.add(listener);
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
    }

    private void run() {
        long seen = 0;
        while (closed.getCount() > 0) {
            try {
                QueueApi.Pause pause = api.nextPause(seen, QueueApi.LONGEST_WAIT);
                seen = pause.until();
                if (!pause.left().isZero()) {
                    listeners.forEach(listener -> tell(listener, pause.left()));
                }
            } catch (RuntimeException e) {
                if (!rest(e)) {
                    return;
                }
            }
        }
    }

    private static void tell(Consumer<Duration> listener, Duration left) {
        try {
            listener.accept(left);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "A pause listener threw an exception", e);
        }
    }

    /** Waits after a failure; returns whether to continue. */
    private boolean rest(RuntimeException failure) {
        try {
            if (closed.getCount() > 0) {
                LOG.log(Level.WARNING, "Pauses of {0} cannot be read at the moment: {1}", queue, failure.getMessage());
            }
            return !closed.await(REST_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
    }
}
