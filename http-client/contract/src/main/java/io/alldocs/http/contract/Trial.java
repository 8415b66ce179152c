package io.alldocs.http.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.RequestException;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.Timeouts;
import io.alldocs.http.TransportOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;

/** Two clients that share a transport: one for hostile answers, one for the requests after them. */
final class Trial implements AutoCloseable {

    /** Timeouts of a request with a hostile answer: connect 2 s, the whole request 1.5 s, silence 500 ms. */
    static final Timeouts HASTY = new Timeouts(Duration.ofSeconds(2), Duration.ofMillis(1_500), Duration.ofMillis(500));

    /** The body of every answer to {@link #assertNextSucceed}. */
    static final String GOOD = "good";

    private static final Duration LONG = Duration.ofSeconds(30);
    static final Timeouts PATIENT = new Timeouts(LONG, LONG, LONG);

    /** Retry policy for requests that even a correct client may have to send twice. */
    static final RetryPolicy RETRYING = new RetryPolicy(5, Duration.ofMillis(10), Duration.ofMillis(100));

    /** Number of answers that are tested concurrently. */
    private static final int WORKERS = 12;

    /** Maximum time by which a request may exceed its timeout on a busy machine. */
    private static final Duration SLACK = Duration.ofSeconds(15);

    /** A request to a healthy server takes milliseconds; one that waits for a timeout takes 30 s. */
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    private final BaseHttpClient hasty;
    private final BaseHttpClient patient;
    private final HttpTransport transport;

    /** @param retry the policy for the requests after a hostile answer */
    Trial(HttpTransport transport, RetryPolicy retry) {
        this.transport = transport;
        this.hasty = client(HASTY, RetryPolicy.none());
        this.patient = client(PATIENT, retry);
    }

    static TransportOptions.Builder options() {
        return TransportOptions.builder().connectTimeout(HASTY.connect());
    }

    BaseHttpClient client(Timeouts timeouts, RetryPolicy retry) {
        return BaseHttpClient.builder()
                .transport(transport)
                .timeouts(timeouts)
                .limiters(HostLimiters.create())
                .retry(retry)
                .build();
    }

    /** Verifies one answer. */
    interface Verification {
        void of(ScriptedResponse answer) throws Exception;
    }

    /** Verifies many answers concurrently, because most of them wait for a timeout. */
    static void all(Stream<ScriptedResponse> answers, Verification verification) {
        all(answers, WORKERS, verification);
    }

    /** Verifies {@code workers} answers at a time. */
    static void all(Stream<ScriptedResponse> answers, int workers, Verification verification) {
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        try {
            List<ScriptedResponse> all = answers.toList();
            List<Future<Void>> ends = new ArrayList<>();
            for (ScriptedResponse answer : all) {
                ends.add(pool.submit(() -> {
                    verification.of(answer);
                    return null;
                }));
            }
            SoftAssertions each = new SoftAssertions();
            for (int i = 0; i < all.size(); i++) {
                Future<Void> end = ends.get(i);
                each.assertThatCode(() -> end.get(1, TimeUnit.MINUTES))
                        .as(all.get(i).name())
                        .doesNotThrowAnyException();
            }
            each.assertAll();
        } finally {
            pool.shutdownNow();
        }
    }

    /** Sends {@code call} and asserts that it ends in time with an outcome that {@code answer} permits. */
    void assertEnds(ScriptedResponse answer, ClientRequest call) {
        long before = System.nanoTime();
        Optional<String> body = outcome(answer, call);
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .as("time until the request ended")
                .isLessThan(HASTY.request().plus(SLACK));
        if (body.isPresent() || !answer.mayFail()) {
            assertThat(body)
                    .as("the body that was taken for a whole one")
                    .isEqualTo(Optional.ofNullable(answer.whole()));
        }
    }

    /**
     * Returns the body; empty if the request failed as expected. Only a request that may fail is sent with short
     * timeouts.
     */
    Optional<String> outcome(ScriptedResponse answer, ClientRequest call) {
        try {
            return Optional.of((answer.mayFail() ? hasty : patient).send(call, Trial::read));
        } catch (RequestException e) {
            assertThat(e).as(answer.name()).hasMessageContaining(call.uri().toString());
            return Optional.empty();
        }
    }

    /** Sends a request and asserts that it receives the good answer. */
    void assertGood(URI uri) {
        assertThat(good(uri)).isPositive();
    }

    /** Sends requests in sequence, so that each remaining connection is reused, and then some concurrently. */
    void assertNextSucceed(URI uri) throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(good(uri)).isLessThan(AT_ONCE);
        }
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            List<Future<Duration>> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                all.add(pool.submit(() -> good(uri)));
            }
            for (Future<Duration> each : all) {
                assertThat(each.get()).isLessThan(AT_ONCE);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private Duration good(URI uri) {
        long before = System.nanoTime();
        assertThat(patient.send(ClientRequest.get(uri), Trial::read))
                .as("answer to the next request")
                .isEqualTo(GOOD);
        return Duration.ofNanos(System.nanoTime() - before);
    }

    static String read(ClientResponse reply) throws IOException {
        return new String(reply.body().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        transport.close();
    }
}
