package io.alldocs.examples.registry;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * One way in which the registry misbehaves, and how often. Immutable; the {@code with}-like methods return a changed copy. {@link Faults} switches faults on and
 * off.
 *
 * <p>A rate is the share of requests hit, from 0 to 1. Which requests those are depends only on the registry's seed and on how many requests the fault has
 * seen, so the same sequence of requests meets the same faults.
 */
public final class Fault {
    /** Long enough that every client gives up first. */
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

    /** What a {@code Retry-After} header says. */
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
            throw new IllegalArgumentException("A rate is a number from 0 to 1, not " + rate);
        }
        if (duration.isNegative()) {
            throw new IllegalArgumentException("A duration must not be negative: " + duration);
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
     * Answers an error instead of the document: 429 as Cloudflare does it (text/plain, 16 bytes, {@code connection: close}), 401 and 403 as JSON, 5xx as HTML
     * or JSON as the status has it in life.
     *
     * @param status 400 to 599
     */
    public static Fault status(int status, double rate) {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("An error's status is 400 to 599, not " + status);
        }
        return of(Kind.STATUS, status, rate, Duration.ZERO);
    }

    /** {@link #status} 429, without {@code Retry-After} until {@link #retryAfter} or {@link #retryAfterDate} adds one. */
    public static Fault tooManyRequests(double rate) {
        return status(429, rate);
    }

    /** Resets the connection instead of answering. */
    public static Fault reset(double rate) {
        return of(Kind.RESET, 0, rate, Duration.ZERO);
    }

    /** Sends nothing for ten minutes or {@link #lasting}, then the answer. */
    public static Fault stall(double rate) {
        return of(Kind.STALL, 0, rate, STALL);
    }

    /** Sends the headers and half of the body, then nothing for ten minutes or {@link #lasting}, then the rest. */
    public static Fault stallBody(double rate) {
        return of(Kind.STALL_BODY, 0, rate, STALL);
    }

    /** Declares the whole {@code Content-Length}, sends half of it and closes the connection. */
    public static Fault cut(double rate) {
        return of(Kind.CUT, 0, rate, Duration.ZERO);
    }

    /** Sends half of the body in chunks and closes the connection without the last chunk. */
    public static Fault cutChunked(double rate) {
        return of(Kind.CUT_CHUNKED, 0, rate, Duration.ZERO);
    }

    /** Sends half of the (compressed) body as a complete answer: only the gzip trailer, or the JSON, shows that it was cut. */
    public static Fault cutGzip(double rate) {
        return of(Kind.CUT_GZIP, 0, rate, Duration.ZERO);
    }

    /** Sends the body in small pieces, at 1,024 bytes a second or {@link #bytesPerSecond}. */
    public static Fault trickle(double rate) {
        return of(Kind.TRICKLE, TRICKLE_BYTES_PER_SECOND, rate, Duration.ZERO);
    }

    /** Waits before every answer, as a far registry does. */
    public static Fault latency(Duration duration) {
        return of(Kind.LATENCY, 0, 1, duration);
    }

    /** Answers 200 with an empty body, HTML or JSON of another shape, in turn. */
    public static Fault wrongJson(double rate) {
        return of(Kind.WRONG_JSON, 0, rate, Duration.ZERO);
    }

    /** Answers 200 without a body. */
    public static Fault emptyBody(double rate) {
        return of(Kind.EMPTY_BODY, 0, rate, Duration.ZERO);
    }

    /** Answers 200 with a page of HTML; with a rate of 1 the origin is a web site. */
    public static Fault html(double rate) {
        return of(Kind.HTML, 0, rate, Duration.ZERO);
    }

    /** Answers 200 with JSON that has nothing of what was asked for. */
    public static Fault otherJson(double rate) {
        return of(Kind.OTHER_JSON, 0, rate, Duration.ZERO);
    }

    /** Answers at most {@code rows} rows of {@code _all_docs} and {@code _changes}, whatever the limit asked for. */
    public static Fault pageCap(int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("A page holds 1 row or more, not " + rows);
        }
        return of(Kind.PAGE_CAP, rows, 1, Duration.ZERO);
    }

    /** Before a page of {@code _all_docs}, publishes a new name and deletes one; both show in the feed. */
    public static Fault drift(double rate) {
        return of(Kind.DRIFT, 0, rate, Duration.ZERO).on(Endpoint.ALL_DOCS);
    }

    /** Says {@code offset: 0} on every page, as some CouchDBs do. */
    public static Fault zeroOffset() {
        return of(Kind.ZERO_OFFSET, 0, 1, Duration.ZERO);
    }

    /** Says {@code offset: null} on every page, as some CouchDBs do. */
    public static Fault nullOffset() {
        return of(Kind.NULL_OFFSET, 0, 1, Duration.ZERO);
    }

    /** Starts the sequences anew, once, before the request to {@code _changes} or the info that follows {@code requests} others. */
    public static Fault sequenceResetAfter(int requests) {
        return of(Kind.SEQUENCE_RESET, 0, 1, Duration.ZERO).after(requests).times(1);
    }

    /** Answers 200 with the same entity tag and the whole body where 304 is due, as npm was seen to do in January 2025. */
    public static Fault no304() {
        return of(Kind.NO_304, 0, 1, Duration.ZERO);
    }

    /** Answers for a packument what it was before its last change: the feed runs ahead of the caches before npm's registry. */
    public static Fault stale(double rate) {
        return of(Kind.STALE, 0, rate, Duration.ZERO);
    }

    /** Adds {@code Retry-After} in whole seconds, 0 included, to an error. */
    public Fault retryAfter(Duration delay) {
        return retrying(new RetryAfter(delay, false));
    }

    /** Adds {@code Retry-After} as the HTTP date that lies {@code delay} ahead, to an error. */
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
            throw new IllegalArgumentException("A trickle is 1 byte a second or more, not " + bytes);
        }
        return new Fault(kind, bytes, rate, duration, retryAfter, endpoint, skip, times);
    }

    /** Restricts the fault to one endpoint. The same fault may be on for several endpoints at different rates. */
    public Fault on(Endpoint only) {
        return new Fault(kind, number, rate, duration, retryAfter, Optional.of(only), skip, times);
    }

    /** Leaves the first {@code requests} requests alone. */
    public Fault after(int requests) {
        if (requests < 0) {
            throw new IllegalArgumentException("Cannot leave " + requests + " requests alone");
        }
        return new Fault(kind, number, rate, duration, retryAfter, endpoint, requests, times);
    }

    /** Ends the fault after it has hit {@code hits} requests. */
    public Fault times(int hits) {
        if (hits < 1) {
            throw new IllegalArgumentException("A fault happens once or more, not " + hits + " times");
        }
        return new Fault(kind, number, rate, duration, retryAfter, endpoint, skip, hits);
    }

    /** Returns the name this fault is switched by: {@code 429}, {@code cut}, or {@code packument.429} when it is for one endpoint only. */
    public String switchName() {
        String name = kind == Kind.STATUS ? Integer.toString(number) : kind.switchName;
        boolean bound = endpoint.isPresent() && kind != Kind.DRIFT;
        return bound ? endpoint.get().switchName() + "." + name : name;
    }

    Kind kind() {
        return kind;
    }

    /** The status, the rows of a page or the bytes per second: whatever the kind counts. */
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
