package io.alldocs.http;

import java.time.Duration;
import java.time.Instant;

/** Clock and sleep in one seam, so that waits of minutes are tested without waiting. */
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

    /** Monotonic nanoseconds of {@link System#nanoTime()}'s kind. */
    long nanos();

    Instant now();

    void sleep(Duration duration) throws InterruptedException;
}
