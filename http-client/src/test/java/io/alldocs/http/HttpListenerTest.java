package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import okhttp3.Headers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpListenerTest {
    private static final String TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private final MockWebServer server = new MockWebServer();
    private final MockWebServer other = new MockWebServer();
    private final ManualTime time = new ManualTime();
    private final List<HttpAttempt> attempts = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final BaseHttpClient client = BaseHttpClient.builder()
            .limiters(new HostLimiters(ThrottlePolicy::forHost, time))
            .time(time)
            .random(() -> 1)
            .listener(new Events())
            .traceparent(() -> Optional.of(TRACEPARENT))
            .build();

    @BeforeEach
    void start() throws IOException {
        server.start();
        other.start();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
        other.close();
    }

    @Test
    void send_redirectedToAnotherOrigin_reportsBothRequests() throws Exception {
        server.enqueue(
                answer(302).setHeader("Location", other.url("/b").toString()).build());
        other.enqueue(answer(200).body("hello").build());

        client.send(ClientRequest.get(uri(server)), HttpListenerTest::text);

        assertThat(attempts)
                .extracting(HttpAttempt::origin, HttpAttempt::status, HttpAttempt::problem)
                .containsExactly(tuple(origin(server), 302, null), tuple(origin(other), 200, null));
        assertThat(server.takeRequest().getHeaders().get("traceparent")).isEqualTo(TRACEPARENT);
        Headers beyond = other.takeRequest().getHeaders();
        assertThat(beyond.get("traceparent")).isNull();
    }

    @Test
    void send_throttledThenSuccessful_reportsThePauseAndTheRetry() {
        server.enqueue(answer(429).setHeader("Retry-After", "7").build());
        server.enqueue(answer(200).body("hello").build());

        client.send(ClientRequest.get(uri(server)), HttpListenerTest::text);

        assertThat(events)
                .containsExactly(
                        "throttled " + origin(server) + " PT7S",
                        "429 problem null attempt 1",
                        "retrying " + origin(server) + " 429",
                        "200 problem null attempt 2");
    }

    @Test
    void send_bodyTruncated_reportsTheReason() {
        server.enqueue(answer(200)
                .body("hello")
                .setHeader("Content-Length", "10")
                .onResponseEnd(SocketEffect.ShutdownConnection.INSTANCE)
                .build());

        assertThatThrownBy(() -> client.send(ClientRequest.post(uri(server), new byte[0]), HttpListenerTest::text))
                .isInstanceOf(TemporaryException.class);

        assertThat(attempts).hasSize(1).first().satisfies(attempt -> {
            assertThat(attempt.status()).isEqualTo(200);
            assertThat(attempt.problem()).isNotBlank();
            assertThat(attempt.method()).isEqualTo("POST");
        });
    }

    @Test
    void send_listenerThatThrows_isRetriedAndAnsweredAllTheSame() {
        server.enqueue(answer(429).setHeader("Retry-After", "7").build());
        server.enqueue(answer(200).body("hello").build());
        try (BaseHttpClient watched = BaseHttpClient.builder()
                .limiters(new HostLimiters(ThrottlePolicy::forHost, time))
                .time(time)
                .listener(new Broken())
                .build()) {
            assertThat(watched.send(ClientRequest.get(uri(server)), HttpListenerTest::text))
                    .isEqualTo("hello");
        }
        assertThat(events).containsExactly("throttled", "requested", "retrying", "requested");
    }

    private static MockResponse.Builder answer(int status) {
        return new MockResponse.Builder().code(status);
    }

    private static String text(ClientResponse reply) throws IOException {
        return new String(reply.body().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static URI uri(MockWebServer server) {
        return server.url("/a").uri();
    }

    private static String origin(MockWebServer server) {
        return Origins.of(uri(server));
    }

    private final class Broken implements HttpListener {
        @Override
        public void requested(HttpAttempt attempt) {
            events.add("requested");
            throw new IllegalStateException("the meter is broken");
        }

        @Override
        public void retrying(String origin, String reason, Duration delay) {
            events.add("retrying");
            throw new LinkageError("the library of the meter is missing");
        }

        @Override
        public void throttled(String origin, Duration pause) {
            events.add("throttled");
            throw new IllegalStateException("the meter is broken");
        }
    }

    private final class Events implements HttpListener {
        @Override
        public void requested(HttpAttempt attempt) {
            attempts.add(attempt);
            events.add(attempt.status() + " problem " + attempt.problem() + " attempt " + attempt.attempt());
        }

        @Override
        public void retrying(String origin, String reason, Duration delay) {
            events.add("retrying " + origin + " " + reason);
        }

        @Override
        public void throttled(String origin, Duration pause) {
            events.add("throttled " + origin + " " + pause);
        }
    }
}
