package io.alldocs.worker;

import io.alldocs.http.HttpAttempt;
import io.alldocs.http.HttpListener;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts the requests of one worker by their outcome; every attempt counts, including retries. Safe for concurrent use.
 */
final class HttpTally implements HttpListener {
    private final Clock clock;
    private final Map<Integer, Long> statuses = new TreeMap<>();
    private final PerSecond requests = new PerSecond();
    private long unanswered;

    HttpTally(Clock clock) {
        this.clock = clock;
    }

    @Override
    public synchronized void requested(HttpAttempt attempt) {
        if (attempt.status() == 0) {
            unanswered++;
        } else {
            statuses.merge(attempt.status(), 1L, Long::sum);
        }
        requests.add(clock.instant().getEpochSecond(), 1);
    }

    /** Returns the number of responses by HTTP status. */
    synchronized Map<Integer, Long> byStatus() {
        return new TreeMap<>(statuses);
    }

    /** Returns the number of requests without a response: timeouts, lost connections, names that do not resolve. */
    synchronized long noAnswer() {
        return unanswered;
    }

    /** Returns the requests that ended in each of the last 60 whole seconds, oldest first. */
    synchronized List<Long> perSecond() {
        return requests.lastMinute(clock.instant().getEpochSecond());
    }
}
