package io.alldocs.examples.registry;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * A way in which the registry misbehaves, and how often. Immutable; methods that change a property return a modified
 * copy. {@link Faults} switches faults on and off.
 *
 * <p>A rate is the fraction of affected requests, from 0 to 1. The selection depends only on the seed of the registry
 * and on the number of requests that the fault has seen. The same sequence of requests therefore gets the same faults.
 */
public final class Fault {
    /** Long enough for every client to time out first. */
    private static final Duration STALL = Duration.ofMinutes(10);

    private static final int TRICKLE_BYTES_PER_SECOND = 1024;

    private final Kind kind;
    private final int number;
    private final double rate;
    private final Duration duration;
    private final Optional<RetryAfter> retryAfter;
    private final Optional<Endpoint> endpoint;
    private final int skip;
    private final int times;

    enum Kind {
        STATUS(""),
        RESET("reset"),
        STALL("stall"),
        STALL_BODY("stall-body"),
        CUT("cut"),
        CUT_CHUNKED("cut-chunked"),
        CUT_GZIP("cut-gzip"),
        TRICKLE("trickle"),
        LATENCY("latency"),
        WRONG_JSON("wrong-json"),
        EMPTY_BODY("empty"),
        HTML("html"),
        OTHER_JSON("other-json"),
        PAGE_CAP("page-cap"),
        DRIFT("drift"),
        ZERO_OFFSET("zero-offset"),
        NULL_OFFSET("null-offset"),
        SEQUENCE_RESET("sequence-reset"),
        NO_304("no-304"),
        STALE("stale");

        final String switchName;

        Kind(String switchName) {
            this.switchName = switchName;
        }
    }

    /** The value of a {@code Retry-After} header. */
    record RetryAfter(Duration delay, boolean date) {}

    private Fault(
            Kind kind,
            int number,
            double rate,
            Duration duration,
            Optional<RetryAfter> retryAfter,
            Optional<Endpoint> endpoint,
            int skip,
            int times) {
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException("The rate must be between 0 and 1, but is " + rate + ".");
        }
        if (duration.isNegative()) {
            throw new IllegalArgumentException("The duration must not be negative, but is " + duration + ".");
        }
        this.kind = kind;
        this.number = number;
        this.rate = rate;
        this.duration = duration;
        this.retryAfter = retryAfter;
        this.endpoint = endpoint;
        this.skip = skip;
        this.times = times;
    }

    private static Fault of(Kind kind, int number, double rate, Duration duration) {
        return new Fault(kind, number, rate, duration, Optional.empty(), Optional.empty(), 0, Integer.MAX_VALUE);
    }

    /**
     * Responds with an error instead of the document. 429 has the form that Cloudflare sends: text/plain, 16 bytes,
     * {@code connection: close}. 401 and 403 are JSON. 5xx are HTML or JSON, depending on the status.
     *
     * @param status 400 to 599
     */
    public static Fault status(int status, double rate) {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException(
                    "The status of an error must be between 400 and 599, but is " + status + ".");
        }
        return of(Kind.STATUS, status, rate, Duration.ZERO);
    }

    /**
     * Responds with {@link #status} 429, without {@code Retry-After} unless {@link #retryAfter} or
     * {@link #retryAfterDate} adds one.
     */
    public static Fault tooManyRequests(double rate) {
        return status(429, rate);
    }

    /** Resets the connection instead of responding. */
    public static Fault reset(double rate) {
        return of(Kind.RESET, 0, rate, Duration.ZERO);
    }

    /** Sends nothing for ten minutes or {@link #lasting}, then the response. */
    public static Fault stall(double rate) {
        return of(Kind.STALL, 0, rate, STALL);
    }

    /** Sends the headers and half of the body, then nothing for ten minutes or {@link #lasting}, then the rest. */
    public static Fault stallBody(double rate) {
        return of(Kind.STALL_BODY, 0, rate, STALL);
    }

    /** Declares the complete {@code Content-Length}, sends half of the body and closes the connection. */
    public static Fault cut(double rate) {
        return of(Kind.CUT, 0, rate, Duration.ZERO);
    }

    /** Sends half of the body in chunks and closes the connection without the last chunk. */
    public static Fault cutChunked(double rate) {
        return of(Kind.CUT_CHUNKED, 0, rate, Duration.ZERO);
    }

    /**
     * Sends half of the (compressed) body as a complete response. Only the gzip trailer or the JSON shows that the body
     * is truncated.
     */
    public static Fault cutGzip(double rate) {
        return of(Kind.CUT_GZIP, 0, rate, Duration.ZERO);
    }

    /** Sends the body in small pieces, at 1,024 bytes per second or {@link #bytesPerSecond}. */
    public static Fault trickle(double rate) {
        return of(Kind.TRICKLE, TRICKLE_BYTES_PER_SECOND, rate, Duration.ZERO);
    }

    /** Waits before every response, as a distant registry does. */
    public static Fault latency(Duration duration) {
        return of(Kind.LATENCY, 0, 1, duration);
    }

    /** Responds with 200 and, in turn, an empty body, HTML, or JSON of another structure. */
    public static Fault wrongJson(double rate) {
        return of(Kind.WRONG_JSON, 0, rate, Duration.ZERO);
    }

    /** Responds with 200 without a body. */
    public static Fault emptyBody(double rate) {
        return of(Kind.EMPTY_BODY, 0, rate, Duration.ZERO);
    }

    /** Responds with 200 and an HTML page. With a rate of 1, the origin looks like a web site. */
    public static Fault html(double rate) {
        return of(Kind.HTML, 0, rate, Duration.ZERO);
    }

    /** Responds with 200 and unrelated JSON. */
    public static Fault otherJson(double rate) {
        return of(Kind.OTHER_JSON, 0, rate, Duration.ZERO);
    }

    /**
     * Returns at most {@code rows} rows of {@code _all_docs} and {@code _changes}, even if the request has a higher
     * limit.
     */
    public static Fault pageCap(int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("The page cap must be at least 1 row, but is " + rows + ".");
        }
        return of(Kind.PAGE_CAP, rows, 1, Duration.ZERO);
    }

    /** Before a page of {@code _all_docs}, publishes a new name and deletes one; both are in the feed. */
    public static Fault drift(double rate) {
        return of(Kind.DRIFT, 0, rate, Duration.ZERO).on(Endpoint.ALL_DOCS);
    }

    /** Returns {@code offset: 0} on every page, as some CouchDBs do. */
    public static Fault zeroOffset() {
        return of(Kind.ZERO_OFFSET, 0, 1, Duration.ZERO);
    }

    /** Returns {@code offset: null} on every page, as some CouchDBs do. */
    public static Fault nullOffset() {
        return of(Kind.NULL_OFFSET, 0, 1, Duration.ZERO);
    }

    /** Restarts the sequences once, after {@code requests} requests to {@code _changes} or the info. */
    public static Fault sequenceResetAfter(int requests) {
        return of(Kind.SEQUENCE_RESET, 0, 1, Duration.ZERO).after(requests).times(1);
    }

    /** Responds with 200, the same entity tag and the complete body instead of 304. npm did this in January 2025. */
    public static Fault no304() {
        return of(Kind.NO_304, 0, 1, Duration.ZERO);
    }

    /**
     * Returns a packument as it was before its last change. npm does this when its feed is ahead of the caches in front
     * of its registry.
     */
    public static Fault stale(double rate) {
        return of(Kind.STALE, 0, rate, Duration.ZERO);
    }

    /** Adds {@code Retry-After} in whole seconds, possibly 0, to an error. */
    public Fault retryAfter(Duration delay) {
        return retrying(new RetryAfter(delay, false));
    }

    /** Adds {@code Retry-After} to an error, as the HTTP date {@code delay} from now. */
    public Fault retryAfterDate(Duration delay) {
        return retrying(new RetryAfter(delay, true));
    }

    private Fault retrying(RetryAfter value) {
        requireKind("retry-after", Kind.STATUS);
        return new Fault(kind, number, rate, duration, Optional.of(value), endpoint, skip, times);
    }

    /** Sets how long a stall or the latency lasts. */
    public Fault lasting(Duration length) {
        requireKind("for", Kind.STALL, Kind.STALL_BODY, Kind.LATENCY);
        return new Fault(kind, number, rate, length, retryAfter, endpoint, skip, times);
    }

    /** Sets the speed of a trickle. */
    public Fault bytesPerSecond(int bytes) {
        requireKind("bytes-per-second", Kind.TRICKLE);
        if (bytes < 1) {
            throw new IllegalArgumentException(
                    "The rate of a trickle must be at least 1 byte per second, but is " + bytes + ".");
        }
        return new Fault(kind, bytes, rate, duration, retryAfter, endpoint, skip, times);
    }

    /** Restricts the fault to one endpoint. The same fault may be active for several endpoints at different rates. */
    public Fault on(Endpoint only) {
        return new Fault(kind, number, rate, duration, retryAfter, Optional.of(only), skip, times);
    }

    /** Skips the first {@code requests} requests. */
    public Fault after(int requests) {
        if (requests < 0) {
            throw new IllegalArgumentException(
                    "The number of requests before a fault must not be negative, but is " + requests + ".");
        }
        return new Fault(kind, number, rate, duration, retryAfter, endpoint, requests, times);
    }

    /** Ends the fault after {@code hits} affected requests. */
    public Fault times(int hits) {
        if (hits < 1) {
            throw new IllegalArgumentException("The number of times must be at least 1, but is " + hits + ".");
        }
        return new Fault(kind, number, rate, duration, retryAfter, endpoint, skip, hits);
    }

    /**
     * Returns the name that switches this fault on and off, such as {@code 429} or {@code cut}. If the fault is
     * restricted to one endpoint, the name begins with it: {@code packument.429}.
     */
    public String switchName() {
        String name = kind == Kind.STATUS ? Integer.toString(number) : kind.switchName;
        boolean bound = endpoint.isPresent() && kind != Kind.DRIFT;
        return bound ? endpoint.get().switchName() + "." + name : name;
    }

    Kind kind() {
        return kind;
    }

    /** Returns the number that this kind of fault uses: the status, the rows of a page or the bytes per second. */
    int number() {
        return number;
    }

    double rate() {
        return rate;
    }

    Duration duration() {
        return duration;
    }

    Optional<RetryAfter> retryAfter() {
        return retryAfter;
    }

    int skip() {
        return skip;
    }

    int times() {
        return times;
    }

    boolean concerns(Endpoint asked) {
        return endpoint.isEmpty() || endpoint.get() == asked;
    }

    private void requireKind(String option, Kind... kinds) {
        for (Kind allowed : kinds) {
            if (kind == allowed) {
                return;
            }
        }
        throw new IllegalArgumentException("The fault " + switchName() + " has no option " + option);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fault that
                && kind == that.kind
                && number == that.number
                && rate == that.rate
                && duration.equals(that.duration)
                && retryAfter.equals(that.retryAfter)
                && endpoint.equals(that.endpoint)
                && skip == that.skip
                && times == that.times;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, number, rate, duration, retryAfter, endpoint, skip, times);
    }

    @Override
    public String toString() {
        return switchName() + "=" + rate;
    }
}
