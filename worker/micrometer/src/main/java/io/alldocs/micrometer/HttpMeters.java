package io.alldocs.micrometer;

import io.alldocs.http.HttpAttempt;
import io.alldocs.http.HttpListener;
import io.alldocs.http.JdkTransport;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Records the metrics of an HTTP client. Safe for concurrent use.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>type</th><th>tags</th></tr>
 * <tr><td>{@code all.docs.http.requests}</td><td>timer with a histogram</td><td>{@code method}, {@code origin},
 * {@code status} (0 if there was no response), {@code outcome} (SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR or
 * BROKEN)</td></tr>
 * <tr><td>{@code all.docs.http.retries}</td><td>counter</td><td>{@code origin}, {@code reason}</td></tr>
 * <tr><td>{@code all.docs.http.throttled}</td><td>timer of the pauses</td><td>{@code origin}</td></tr>
 * <tr><td>{@code all.docs.http.lost.requests}</td><td>counter</td><td>{@code origin}</td></tr>
 * <tr><td>{@code all.docs.http.lost.clients}</td><td>counter for the whole process</td><td></td></tr>
 * <tr><td>{@code all.docs.http.stuck.threads}</td><td>gauge for the whole process</td><td></td></tr>
 * </table>
 *
 * <p>Redirects may lead to any number of origins. The first 100 have their own tag; all others share {@code (others)}.
 */
public final class HttpMeters implements HttpListener {
    private static final int MAX_ORIGINS = 100;
    private static final String OTHERS = "(others)";

    private final MeterRegistry registry;
    private final Tags tags;
    private final Set<String> origins = ConcurrentHashMap.newKeySet();

    /** The timers in use, because a lookup in this map takes a fraction of the time of a lookup in the registry. */
    private final Map<Series, Timer> requests = new ConcurrentHashMap<>();

    private record Series(String method, String origin, int status, String outcome) {}

    /**
     * Registers the meters.
     *
     * @param registry where the meters are registered
     * @param tags added to each meter, such as one that names the client
     */
    public HttpMeters(MeterRegistry registry, Iterable<Tag> tags) {
        this.registry = registry;
        this.tags = Tags.of(tags);
        FunctionCounter.builder("all.docs.http.lost.clients", registry, any -> JdkTransport.abandonedClients())
                .description("HTTP clients of the JDK that stopped responding and were replaced.")
                .tags(this.tags)
                .register(registry);
        Gauge.builder("all.docs.http.stuck.threads", JdkTransport::stuckThreads)
                .description("Threads of the JDK's HTTP client that hang. With three, requests are refused.")
                .tags(this.tags)
                .register(registry);
    }

    @Override
    public void requested(HttpAttempt attempt) {
        Series series = new Series(attempt.method(), tag(attempt.origin()), attempt.status(), outcome(attempt));
        requests.computeIfAbsent(series, this::timer).record(attempt.time());
    }

    private Timer timer(Series series) {
        return Timer.builder("all.docs.http.requests")
                .description(
                        "Requests that ended, retries and redirects included. Status 0 is a request without a response.")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofMinutes(2))
                .tags(tags.and(
                        "method",
                        series.method(),
                        "origin",
                        series.origin(),
                        "status",
                        Integer.toString(series.status()),
                        "outcome",
                        series.outcome()))
                .register(registry);
    }

    @Override
    public void retrying(String origin, String reason, Duration delay) {
        Counter.builder("all.docs.http.retries")
                .description("Calls that were sent again.")
                .tags(tags.and("origin", tag(origin), "reason", reason))
                .register(registry)
                .increment();
    }

    @Override
    public void throttled(String origin, Duration pause) {
        Timer.builder("all.docs.http.throttled")
                .description("Pauses after answers with status 429.")
                .tags(tags.and("origin", tag(origin)))
                .register(registry)
                .record(pause);
    }

    @Override
    public void clientReplaced(String origin) {
        Counter.builder("all.docs.http.lost.requests")
                .description("Requests that failed because the client stopped responding.")
                .tags(tags.and("origin", tag(origin)))
                .register(registry)
                .increment();
    }

    /** Returns the value of the tag: redirects may lead to any number of origins, and each value costs memory. */
    private String tag(String origin) {
        if (origins.contains(origin)) {
            return origin;
        }
        if (origins.size() >= MAX_ORIGINS) {
            return OTHERS;
        }
        origins.add(origin);
        return origin;
    }

    private static String outcome(HttpAttempt attempt) {
        if (attempt.problem() != null) {
            return "BROKEN";
        }
        return switch (attempt.status() / 100) {
            case 2 -> "SUCCESS";
            case 3 -> "REDIRECTION";
            case 4 -> "CLIENT_ERROR";
            default -> "SERVER_ERROR";
        };
    }
}
