package io.alldocs.http;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** One {@link HostLimiter} per scheme, host and port. Safe for concurrent use. */
public final class HostLimiters {

    private static final HostLimiters SHARED = create();

    private final Map<String, HostLimiter> limiters = new ConcurrentHashMap<>();
    private final Function<URI, ThrottlePolicy> policies;
    private final Time time;

    HostLimiters(Function<URI, ThrottlePolicy> policies, Time time) {
        this.policies = policies;
        this.time = time;
    }

    /** Shared by every client of this JVM that was not given its own. */
    public static HostLimiters shared() {
        return SHARED;
    }

    /** A set of its own, without limits until set; hosts are taken as {@link ThrottlePolicy#forHost} says. */
    public static HostLimiters create() {
        return create(ThrottlePolicy::forHost);
    }

    /** A set of its own, without limits until set; {@code policies} is asked once for each scheme, host and port. */
    public static HostLimiters create(Function<URI, ThrottlePolicy> policies) {
        return new HostLimiters(policies, Time.SYSTEM);
    }

    /**
     * The limiter of {@code uri}'s scheme, host and port.
     *
     * @throws IllegalArgumentException if {@code uri} is not an absolute http or https address
     */
    public HostLimiter of(URI uri) {
        Origins.requireHttp(uri);
        return limiters.computeIfAbsent(Origins.of(uri), origin -> new HostLimiter(origin, policies.apply(uri), time));
    }

    /**
     * Whether {@code uri} is on this machine, by name or number, where default rates do not apply. Decided without
     * asking DNS.
     */
    public static boolean isLoopback(URI uri) {
        return Origins.isLoopback(uri);
    }
}
