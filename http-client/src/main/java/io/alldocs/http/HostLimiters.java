package io.alldocs.http;

import java.net.URI;

/** One {@link HostLimiter} per scheme, host and port. Safe for concurrent use. */
public final class HostLimiters {

    private HostLimiters() {}

    /** Shared by every client of this JVM that was not given its own. */
    public static HostLimiters shared() {
        throw new AssertionError("skeleton");
    }

    /** A set of its own, without limits until set. */
    public static HostLimiters create() {
        throw new AssertionError("skeleton");
    }

    public HostLimiter of(URI uri) {
        throw new AssertionError("skeleton");
    }
}
