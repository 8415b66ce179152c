package io.alldocs.worker;

import io.alldocs.http.HttpCall;
import io.alldocs.http.HttpReply;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.Timeouts;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts the requests of one worker by what came back: every attempt, retries included. Closes what it counts for. Safe for concurrent use. */
final class HttpTally implements HttpTransport {
    private final HttpTransport wire;
    private final Counts counts;

    /** @param counts outlive the transport, so that they can be shown before it is made */
    HttpTally(HttpTransport wire, Counts counts) {
        this.wire = wire;
        this.counts = counts;
    }

    @Override
    public HttpReply send(HttpCall call, Timeouts timeouts) throws IOException, InterruptedException {
        try {
            HttpReply reply = wire.send(call, timeouts);
            counts.answered(reply.status());
            return reply;
        } catch (IOException e) {
            counts.unanswered();
            throw e;
        }
    }

    @Override
    public void close() {
        wire.close();
    }

    /** What was counted. Safe for concurrent use. */
    static final class Counts {
        private final Clock clock;
        private final Map<Integer, Long> statuses = new TreeMap<>();
        private final PerSecond requests = new PerSecond();
        private long unanswered;

        Counts(Clock clock) {
            this.clock = clock;
        }

        private synchronized void answered(int status) {
            statuses.merge(status, 1L, Long::sum);
            requests.add(clock.instant().getEpochSecond(), 1);
        }

        private synchronized void unanswered() {
            unanswered++;
            requests.add(clock.instant().getEpochSecond(), 1);
        }

        /** Answers by HTTP status. */
        synchronized Map<Integer, Long> byStatus() {
            return new TreeMap<>(statuses);
        }

        /** Requests that got no answer: timeouts, lost connections, names that do not resolve. */
        synchronized long noAnswer() {
            return unanswered;
        }

        /** Requests that ended in each of the last 60 whole seconds, oldest first. */
        synchronized List<Long> perSecond() {
            return requests.lastMinute(clock.instant().getEpochSecond());
        }
    }
}
