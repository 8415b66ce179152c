package io.alldocs.http;

import java.time.Duration;
import java.time.Instant;

/** Clock and sleep behind one interface, so that tests of long waits need not wait. */
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
