package io.alldocs.http;

import java.time.Duration;
import java.time.Instant;

/** A clock that advances only when a thread sleeps. */
final class ManualTime implements Time {

    private long nanos = 1_000_000_000L;
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");

    private Runnable onSleep = () -> {};

    /** Sets the action that runs when a thread starts to sleep. */
    void onSleep(Runnable action) {
        onSleep = action;
    }

    @Override
    public synchronized long nanos() {
        return nanos;
    }

    @Override
    public synchronized Instant now() {
        return now;
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        onSleep.run();
        advance(duration);
    }

    synchronized void advance(Duration duration) {
        nanos += duration.toNanos();
        now = now.plus(duration);
    }
}
