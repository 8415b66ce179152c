package io.alldocs.sync;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The system clock plus an offset that a test sets. Safe for concurrent use. */
final class TurnedClock extends Clock {
    private volatile Duration ahead = Duration.ZERO;

    void setAhead(Duration value) {
        ahead = value;
    }

    @Override
    public Instant instant() {
        return Instant.now().plus(ahead);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("This clock has no other zone.");
    }
}
