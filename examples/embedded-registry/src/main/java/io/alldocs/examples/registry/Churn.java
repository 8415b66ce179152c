package io.alldocs.examples.registry;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Changes a database at a constant rate per second. If a busy machine causes a delay, the next changes compensate for
 * it. Safe for concurrent use.
 */
final class Churn implements AutoCloseable {
    private static final long TICK_MILLIS = 10;

    private final Database database;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "embedded-registry-churn");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable ScheduledFuture<?> running;

    Churn(Database database) {
        this.database = database;
    }

    /**
     * Sets the number of changes per second; 0 means none. When the method returns, the former rate no longer applies.
     */
    synchronized void rate(double perSecond) {
        if (!(perSecond >= 0 && perSecond <= 10_000)) {
            throw new IllegalArgumentException(
                    "The number of changes per second must be between 0 and 10,000, but is " + perSecond + ".");
        }
        if (running != null) {
            running.cancel(false);
            awaitTick();
            running = null;
        }
        if (perSecond > 0) {
            Pace pace = new Pace(perSecond, System.nanoTime());
            running = clock.scheduleAtFixedRate(
                    () -> pace.changeUntil(System.nanoTime()), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Waits for the single thread to finish its current tick. */
    private void awaitTick() {
        try {
            clock.submit(() -> {}).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("Nothing was done, and failed", e);
        }
    }

    private final class Pace {
        private final double perSecond;
        private final long from;
        private long done;

        Pace(double perSecond, long from) {
            this.perSecond = perSecond;
            this.from = from;
        }

        void changeUntil(long now) {
            for (long due = (long) ((now - from) / 1e9 * perSecond); done < due; done++) {
                database.churn();
            }
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
