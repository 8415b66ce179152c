package io.alldocs.worker.internal.context;

import io.alldocs.http.HttpAttempt;
import io.alldocs.http.HttpListener;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts the requests of one worker by their outcome; every attempt counts, including retries. Passes each event on to
 * the worker's listener. Safe for concurrent use.
 */
public final class HttpTally implements HttpListener {
    /** The status of a request without a response, as in {@link HttpAttempt#status}. */
    private static final int NO_RESPONSE = 0;

    private final Clock clock;
    private final HttpListener next;
    private final Map<Integer, Requests> statuses = new TreeMap<>();
    private final PerSecond perSecond = new PerSecond();

    /** The requests with one status. */
    public record Requests(long count, double seconds) {
        private Requests plus(Requests other) {
            return new Requests(count + other.count, seconds + other.seconds);
        }
    }

    HttpTally(Clock clock, HttpListener next) {
        this.clock = clock;
        this.next = next;
    }

    @Override
    public void requested(HttpAttempt attempt) {
        add(attempt);
        next.requested(attempt);
    }

    private synchronized void add(HttpAttempt attempt) {
        statuses.merge(attempt.status(), new Requests(1, attempt.time().toNanos() / 1e9), Requests::plus);
        perSecond.add(clock.instant().getEpochSecond(), 1);
    }

    @Override
    public void retrying(String origin, String reason, Duration delay) {
        next.retrying(origin, reason, delay);
    }

    @Override
    public void throttled(String origin, Duration pause) {
        next.throttled(origin, pause);
    }

    @Override
    public void clientReplaced(String origin) {
        next.clientReplaced(origin);
    }

    /** Returns the requests by HTTP status; 0 if there was no response. */
    public synchronized Map<Integer, Requests> requests() {
        return new TreeMap<>(statuses);
    }

    /** Returns the number of responses by HTTP status. */
    public Map<Integer, Long> byStatus() {
        Map<Integer, Long> counts = new TreeMap<>();
        requests().forEach((status, requests) -> counts.put(status, requests.count()));
        counts.remove(NO_RESPONSE);
        return counts;
    }

    /** Returns the number of requests without a response: timeouts, lost connections, names that do not resolve. */
    public synchronized long noResponse() {
        return statuses.getOrDefault(NO_RESPONSE, new Requests(0, 0)).count();
    }

    /** Returns the requests that ended in each of the last 60 whole seconds, oldest first. */
    public synchronized List<Long> perSecond() {
        return perSecond.lastMinute(clock.instant().getEpochSecond());
    }
}
