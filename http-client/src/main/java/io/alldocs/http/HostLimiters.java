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

    /** Returns the limiters shared by every client of this JVM that was not given its own. */
    public static HostLimiters shared() {
        return SHARED;
    }

    /**
     * Returns a new set of limiters, without limits until they are set. Each host uses the policy of
     * {@link ThrottlePolicy#forHost}.
     */
    public static HostLimiters create() {
        return create(ThrottlePolicy::forHost);
    }

    /**
     * Returns a new set of limiters, without limits until they are set. {@code policies} is called once for each
     * scheme, host and port.
     */
    public static HostLimiters create(Function<URI, ThrottlePolicy> policies) {
        return new HostLimiters(policies, Time.SYSTEM);
    }

    /**
     * Returns the limiter of {@code uri}'s scheme, host and port.
     *
     * @throws IllegalArgumentException if {@code uri} is not an absolute http or https address
     */
    public HostLimiter of(URI uri) {
        Origins.requireHttp(uri);
        return limiters.computeIfAbsent(Origins.of(uri), origin -> new HostLimiter(origin, policies.apply(uri), time));
    }

    /**
     * Returns whether {@code uri} is on this machine, by name or number; default rates do not apply there. Makes no DNS
     * query.
     */
    public static boolean isLoopback(URI uri) {
        return Origins.isLoopback(uri);
    }
}
