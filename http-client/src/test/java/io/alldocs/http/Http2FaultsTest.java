package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import mockwebserver3.SocketEffect.CloseSocket;
import mockwebserver3.SocketEffect.CloseStream;
import mockwebserver3.SocketEffect.ShutdownConnection;
import mockwebserver3.SocketEffect.Stall;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that fail over HTTP/2: each such request ends within its bounds, and the next ones of the same transport succeed. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class Http2FaultsTest {

    private static final Timeouts HASTY =
            new Timeouts(Duration.ofSeconds(10), Duration.ofMillis(1_500), Duration.ofMillis(500));

    private final MockWebServer server = new MockWebServer();
    private volatile MockResponse answer = new MockResponse.Builder().build();
    private JdkTransport transport;

    @BeforeEach
    void start() throws Exception {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("localhost")
                .build();
        HandshakeCertificates tls = new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .addTrustedCertificate(certificate.certificate())
                .build();
        server.useHttps(tls.sslSocketFactory());
        server.setProtocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));
        transport = JdkTransport.builder().sslContext(tls.sslContext()).http2(4).build();
    }

    @AfterEach
    void stop() {
        transport.close();
        server.close();
        assertThat(JdkTransport.stuckThreads()).isZero();
    }

    static Stream<Arguments> faults() {
        MockResponse.Builder nothing = new MockResponse.Builder();
        MockResponse.Builder body = new MockResponse.Builder().body("x".repeat(100_000));
        return Stream.of(
                Arguments.of("never answers", nothing.clone().onResponseStart(Stall.INSTANCE)),
                Arguments.of("headers late", nothing.clone().headersDelay(1, TimeUnit.MINUTES)),
                Arguments.of("stalls in the body", body.clone().onResponseBody(Stall.INSTANCE)),
                Arguments.of("body drips", body.clone().throttleBody(1, 30, TimeUnit.MILLISECONDS)),
                Arguments.of("resets the stream: INTERNAL_ERROR", reset(nothing, new CloseStream(2))),
                Arguments.of("resets the stream: REFUSED_STREAM", reset(nothing, new CloseStream(7))),
                Arguments.of("resets the stream: CANCEL", reset(nothing, new CloseStream(8))),
                Arguments.of("resets the stream: ENHANCE_YOUR_CALM", reset(nothing, new CloseStream(11))),
                Arguments.of("resets the stream in the body", body.clone().onResponseBody(new CloseStream(2))),
                Arguments.of("closes before the headers", reset(nothing, new CloseSocket())),
                Arguments.of("closes in the body", body.clone().onResponseBody(new CloseSocket())),
                Arguments.of(
                        "fewer bytes than declared",
                        new MockResponse.Builder().body("abc").setHeader("content-length", "9")));
    }

    private static MockResponse.Builder reset(MockResponse.Builder answer, SocketEffect effect) {
        return answer.clone().onRequestStart(effect);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void send_serverThatFails_endsInTime_andTheNextRequestsSucceed(String name, MockResponse.Builder fault)
            throws Exception {
        serve(fault.build());
        long before = System.nanoTime();
        try (BaseHttpClient hasty = client(HASTY, RetryPolicy.none())) {
            assertThatThrownBy(() -> hasty.send(call("/hostile"), Http2FaultsTest::read))
                    .as(name)
                    .isInstanceOf(RequestException.class)
                    .hasMessageContaining("/hostile");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(15));
        assertNextSucceed();
    }

    /** GOAWAY behind an answer: what comes next needs a connection of its own. */
    @Test
    void send_connectionThatEndsAfterAnAnswer_isReplaced() throws Exception {
        serve(new MockResponse.Builder()
                .body("last")
                .onResponseEnd(ShutdownConnection.INSTANCE)
                .build());
        try (BaseHttpClient client = client(Timeouts.defaults(), RetryPolicy.defaults())) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.send(call("/hostile"), Http2FaultsTest::read)).isEqualTo("last");
            }
        }
        assertNextSucceed();
    }

    private void assertNextSucceed() {
        answer = new MockResponse.Builder().body("good").build();
        try (BaseHttpClient client =
                client(Timeouts.defaults(), new RetryPolicy(4, Duration.ofMillis(10), Duration.ofMillis(100)))) {
            for (int i = 0; i < 3; i++) {
                long before = System.nanoTime();
                assertThat(client.send(call("/good"), Http2FaultsTest::read)).isEqualTo("good");
                assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
            }
        }
    }

    private void serve(MockResponse hostile) throws Exception {
        answer = hostile;
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return answer;
            }

            @Override
            public MockResponse peek() {
                return answer;
            }
        });
        server.start();
    }

    private HttpCall call(String path) {
        return HttpCall.get(URI.create("https://localhost:" + server.getPort() + path));
    }

    private BaseHttpClient client(Timeouts timeouts, RetryPolicy retry) {
        return BaseHttpClient.builder()
                .transport(transport)
                .timeouts(timeouts)
                .limiters(HostLimiters.create())
                .retry(retry)
                .build();
    }

    private static String read(HttpReply reply) throws IOException {
        return new String(reply.body().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
}
