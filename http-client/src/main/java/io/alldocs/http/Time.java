package io.alldocs.http;

import java.time.Duration;
import java.time.Instant;

/** Provides clock and sleep, so that tests of long waits can replace both and need not wait. */
interface Time {
    Time SYSTEM = new Time() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public Instant now() {
            return Instant.now();
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            Thread.sleep(duration.toMillis(), duration.toNanosPart() % 1_000_000);
        }
    };

    /** Returns monotonic nanoseconds, as {@link System#nanoTime()} does. */
    long nanos();

    Instant now();

    void sleep(Duration duration) throws InterruptedException;
}
