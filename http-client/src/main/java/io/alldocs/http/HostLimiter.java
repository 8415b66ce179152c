package io.alldocs.http;

import java.time.Duration;

/** Paces all requests to one host: a rate, pauses asked for by the host, and a rate that falls on throttling and recovers slowly. */
public final class HostLimiter {

    HostLimiter() {}

    /** Requests per second, 0 = no limit. Takes effect at once. */
    public void setRate(double perSecond) {
        throw new AssertionError("skeleton");
    }

    /** Rate in force now, after throttling; 0 = no limit. */
    public double currentRate() {
        throw new AssertionError("skeleton");
    }

    /** Blocks until one more request may start. */
    void acquire() throws InterruptedException {
        throw new AssertionError("skeleton");
    }

    /** Time left of a pause that the host asked for; zero when there is none. */
    public Duration pauseLeft() {
        throw new AssertionError("skeleton");
    }
}
