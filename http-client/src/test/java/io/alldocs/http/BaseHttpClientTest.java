package io.alldocs.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.OperationInterruptedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaseHttpClientTest {

    private final ManualTime time = new ManualTime();
    private final MockWebServer server = new MockWebServer();
    private final MockWebServer other = new MockWebServer();
    private final BaseHttpClient client = builder().build();

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
    void send_plainAnswer_readsStatusHeadersAndBody() {
        server.enqueue(new MockResponse.Builder()
                .body("hello")
                .setHeader("etag", "\"1\"")
                .build());

        String text = client.send(ClientRequest.get(uri("/a")), reply -> {
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.contentLength()).hasValue(5);
            assertThat(reply.headers().firstValue("ETag")).contains("\"1\"");
            assertThat(reply.uri()).isEqualTo(uri("/a"));
            assertThat(reply).hasToString("HTTP 200 from " + uri("/a"));
            return text(reply);
        });

        assertThat(text).isEqualTo("hello");
    }

    @Test
    void send_gzipAnswer_handsBytesOnAsReceived() throws Exception {
        byte[] packed = gzip("hello");
        server.enqueue(new MockResponse.Builder()
                .setHeader("content-encoding", "gzip")
                .body(new Buffer().write(packed))
                .build());

        byte[] received =
                client.send(ClientRequest.get(uri("/")), reply -> reply.body().readAllBytes());

        assertThat(received).isEqualTo(packed);
        assertThat(server.takeRequest().getHeaders().get("accept-encoding")).isEqualTo("gzip");
        assertThat(new GZIPInputStream(new ByteArrayInputStream(received)).readAllBytes())
                .isEqualTo("hello".getBytes(UTF_8));
    }

    @Test
    void send_everyMethod_sendsItsBodyAndHeaders() throws Exception {
        byte[] bytes = {0, 1, (byte) 0xff};
        for (ClientRequest call : List.of(
                ClientRequest.get(uri("/x?y=%22z%22")),
                ClientRequest.head(uri("/x")),
                ClientRequest.put(uri("/x"), bytes),
                ClientRequest.post(uri("/x"), bytes),
                ClientRequest.delete(uri("/x")))) {
            server.enqueue(new MockResponse.Builder()
                    .code(201)
                    .setHeader("content-length", "0")
                    .build());
            int status = client.send(
                    call.withHeader("X-One", "1").withHeaders(Map.of("accept-encoding", "identity")),
                    ClientResponse::status);
            RecordedRequest request = server.takeRequest();
            assertThat(status).isEqualTo(201);
            assertThat(request.getMethod()).isEqualTo(call.method());
            assertThat(request.getTarget())
                    .isEqualTo(call.uri().getRawPath()
                            + (call.uri().getRawQuery() == null
                                    ? ""
                                    : "?" + call.uri().getRawQuery()));
            assertThat(request.getHeaders().get("x-one")).isEqualTo("1");
            assertThat(request.getHeaders().values("accept-encoding")).containsExactly("identity");
            assertThat(
                            request.getBody() == null
                                    ? new byte[0]
                                    : request.getBody().toByteArray())
                    .isEqualTo(call.body() == null ? new byte[0] : bytes);
        }
    }

    @Test
    void send_headWithDeclaredLength_isWhole() {
        server.enqueue(
                new MockResponse.Builder().setHeader("content-length", "1234").build());
        long length = client.send(ClientRequest.head(uri("/")), reply -> {
            assertThat(reply.body().read()).isEqualTo(-1);
            return reply.contentLength().orElseThrow();
        });
        assertThat(length).isEqualTo(1234);
    }

    @Test
    void send_notModified_isAnAnswer() {
        server.enqueue(
                new MockResponse.Builder().code(304).setHeader("etag", "\"1\"").build());
        assertThat(client.<Integer>send(ClientRequest.get(uri("/")), ClientResponse::status))
                .isEqualTo(304);
    }

    @Test
    void send_identity_namesProductContactAndTrace() throws Exception {
        try (BaseHttpClient named = builder()
                        .contact(URI.create("https://scanner.example/contact"))
                        .traceHeader("npm-session")
                        .build();
                BaseHttpClient plain = builder().userAgent("mirror/1.0").build()) {
            RecordedRequest first = sendAndTake(named);
            RecordedRequest second = sendAndTake(named);
            assertThat(first.getHeaders().get("user-agent"))
                    .matches("all-docs-java/\\S+ \\(\\+https://scanner.example/contact\\)");
            assertThat(first.getHeaders().get("npm-session")).matches("[0-9a-f]{16}-1");
            assertThat(second.getHeaders().get("npm-session"))
                    .isEqualTo(first.getHeaders().get("npm-session").replaceFirst("-1$", "-2"));
            RecordedRequest third = sendAndTake(plain);
            assertThat(third.getHeaders().get("user-agent")).isEqualTo("mirror/1.0");
            assertThat(third.getHeaders().get("x-trace-id")).matches("[0-9a-f]{16}-1");
        }
    }

    @Test
    void send_failsThenAnswers_retriesWithJitterUnderOneTraceId() throws Exception {
        server.enqueue(status(500));
        server.enqueue(status(502));
        server.enqueue(new MockResponse.Builder().body("ok").build());
        long before = time.nanos();

        assertThat(client.send(ClientRequest.get(uri("/")), BaseHttpClientTest::text))
                .isEqualTo("ok");

        assertThat(Duration.ofNanos(time.nanos() - before)).isEqualTo(Duration.ofMillis(50 + 100));
        assertThat(List.of(trace(), trace(), trace()))
                .allMatch(id -> id.endsWith("-1"))
                .satisfies(ids -> assertThat(Set.copyOf(ids)).hasSize(1));
    }

    @Test
    void send_retryAfterSeconds_pausesTheWholeHost() {
        server.enqueue(status(429, "retry-after", "30"));
        server.enqueue(new MockResponse.Builder().body("ok").build());
        long before = time.nanos();

        client.send(ClientRequest.get(uri("/")), BaseHttpClientTest::text);

        assertThat(Duration.ofNanos(time.nanos() - before)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void send_retryAfterDate_isComparedWithTheServersClock() {
        server.enqueue(status(503, "retry-after", "Sun, 06 Nov 1994 08:50:00 GMT")
                .newBuilder()
                .setHeader("date", "Sun, 06 Nov 1994 08:49:00 GMT")
                .build());
        server.enqueue(new MockResponse.Builder().body("ok").build());
        long before = time.nanos();

        client.send(ClientRequest.get(uri("/")), BaseHttpClientTest::text);

        assertThat(Duration.ofNanos(time.nanos() - before)).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void send_throttledToTheEnd_saysSoWithTheWait() {
        for (int i = 0; i < 3; i++) {
            server.enqueue(status(429, "retry-after", "7")
                    .newBuilder()
                    .body("slow\u0007\ndown")
                    .build());
        }

        TemporaryException e = catchThrowableOfType(
                TemporaryException.class,
                () -> client.send(ClientRequest.get(uri("/express")), BaseHttpClientTest::text));

        assertThat(e.status()).hasValue(429);
        assertThat(e.attempts()).isEqualTo(3);
        assertThat(e.retryAfter()).contains(Duration.ofSeconds(7));
        assertThat(e)
                .hasMessage("GET " + uri("/express")
                        + " failed after 3 attempts: HTTP 429 (slow down). The host requests a pause of 7 s."
                        + " Lower the rate, or retry later.");
        assertThat(client.limiter(uri("/")).pauseLeft()).isGreaterThanOrEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void send_throttledWithoutRetryAfter_lowersTheRate() {
        client.limiter(uri("/")).setRate(100);
        server.enqueue(status(429));
        server.enqueue(new MockResponse.Builder().body("ok").build());

        client.send(ClientRequest.get(uri("/")), BaseHttpClientTest::text);

        assertThat(client.limiter(uri("/")).currentRate()).isEqualTo(50);
    }

    @Test
    void send_retries_payTheLimiter() {
        client.limiter(uri("/")).setRate(1);
        server.enqueue(status(500));
        server.enqueue(status(500));
        server.enqueue(new MockResponse.Builder().body("ok").build());
        long before = time.nanos();

        client.send(ClientRequest.get(uri("/")), BaseHttpClientTest::text);

        assertThat(Duration.ofNanos(time.nanos() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(1980));
    }

    @Test
    void send_errorBodyInGzip_isShownAsText() throws Exception {
        server.enqueue(status(404)
                .newBuilder()
                .setHeader("content-encoding", "gzip")
                .body(new Buffer().write(gzip("{\"error\":\"Not found\"}")))
                .build());
        assertThatThrownBy(() -> client.send(ClientRequest.get(uri("/a")), BaseHttpClientTest::text))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("HTTP 404 ({\"error\":\"Not found\"})");
    }

    @Test
    void send_errorBodyInBrokenGzip_isNoReasonToFailOtherwise() {
        server.enqueue(status(404)
                .newBuilder()
                .setHeader("content-encoding", "gzip")
                .body("no gzip")
                .build());
        assertThatThrownBy(() -> client.send(ClientRequest.get(uri("/a")), BaseHttpClientTest::text))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("HTTP 404");
    }

    @Test
    void send_longUrl_isCutInMessages() {
        server.enqueue(status(404));
        URI endless = uri("/" + "a".repeat(5_000));
        assertThatThrownBy(() -> client.send(ClientRequest.get(endless), BaseHttpClientTest::text))
                .hasMessageContaining("…")
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(1000));
    }

    @Test
    void send_readerRefusesTheBody_isRetriedAsCut() {
        AtomicInteger reads = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            server.enqueue(new MockResponse.Builder().body("{").build());
        }
        IOException refusal = new IOException("not JSON");
        TemporaryException e = catchThrowableOfType(
                TemporaryException.class,
                () -> client.send(ClientRequest.get(uri("/")), reply -> {
                    if (reads.incrementAndGet() == 2) {
                        throw new UncheckedIOException(refusal);
                    }
                    throw refusal;
                }));
        assertThat(reads).hasValue(3);
        assertThat(e).hasCause(refusal);
        assertThat(e.status()).isEmpty();
    }

    @Test
    void send_readerFails_goesToTheCallerAtOnce() {
        server.enqueue(new MockResponse.Builder().body("{").build());
        IllegalStateException bug = new IllegalStateException("bug");
        assertThatThrownBy(() -> client.send(ClientRequest.get(uri("/")), reply -> {
                    throw bug;
                }))
                .isSameAs(bug);
        assertThat(server.getRequestCount()).isEqualTo(1);
    }

    @Test
    void send_callTimeout_boundsTheWholeExchange() throws Exception {
        try (RawServer slow = new RawServer(
                        socket -> socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream()));
                BaseHttpClient once = builder().retry(RetryPolicy.none()).build()) {
            ClientRequest call = ClientRequest.get(slow.uri("/")).withTimeout(Optional.of(Duration.ofMillis(500)));
            assertThatThrownBy(() -> once.send(call, ClientResponse::status))
                    .isInstanceOf(TemporaryException.class)
                    .hasMessageContaining("request timeout");
        }
    }

    @Test
    void send_timeoutsInARow_countAsThrottling() throws Exception {
        try (RawServer tarpit = new RawServer(
                        socket -> socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream()));
                BaseHttpClient patient = builder()
                        .retry(new RetryPolicy(5, Duration.ofMillis(1), Duration.ofMillis(1)))
                        .timeouts(new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(30)))
                        .build()) {
            patient.limiter(tarpit.uri("/")).setRate(1000);
            assertThatThrownBy(() -> patient.send(ClientRequest.get(tarpit.uri("/")), ClientResponse::status))
                    .isInstanceOf(TemporaryException.class);
            assertThat(patient.limiter(tarpit.uri("/")).currentRate()).isEqualTo(500);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "301,GET,GET", "302,GET,GET", "303,GET,GET", "307,GET,GET", "308,GET,GET", "301,HEAD,HEAD", "303,HEAD,HEAD",
        "301,POST,GET", "302,POST,GET", "303,POST,GET", "307,POST,POST", "308,POST,POST", "302,PUT,PUT", "303,PUT,GET",
        "308,DELETE,DELETE"
    })
    void send_redirect_followsWithTheRightMethod(int status, String method, String expected) throws Exception {
        server.enqueue(status(status, "location", "/to?a=%2f b#part"));
        server.enqueue(
                new MockResponse.Builder().setHeader("content-length", "0").build());
        byte[] body = method.startsWith("P") ? new byte[] {7} : null;
        ClientRequest call = new ClientRequest(method, uri("/from"), Map.of(), body, Set.of(), null, false);

        URI answered = client.send(call, ClientResponse::uri);

        server.takeRequest();
        RecordedRequest second = server.takeRequest();
        assertThat(second.getMethod()).isEqualTo(expected);
        assertThat(second.getTarget()).isEqualTo("/to?a=%2f%20b");
        assertThat(answered).isEqualTo(uri("/to?a=%2f%20b"));
        assertThat(second.getBodySize()).isEqualTo(expected.startsWith("P") ? 1 : 0);
    }

    @Test
    void send_redirectAcrossOrigins_leavesEverythingPersonalBehind() throws Exception {
        server.enqueue(status(302, "location", other.url("/b").toString()));
        other.enqueue(status(302, "location", server.url("/c").toString()));
        server.enqueue(new MockResponse.Builder().body("ok").build());
        try (BaseHttpClient known = builder()
                .credentials(Credentials.firstOf(
                        Credentials.bearer(uri("/"), "token-of-server"),
                        Credentials.bearer(other.url("/").uri(), "token-of-other")))
                .build()) {
            known.send(
                    ClientRequest.get(uri("/a"))
                            .withHeaders(Map.of(
                                    "cookie",
                                    "c=1",
                                    "x-api-key",
                                    "k",
                                    "npm-otp",
                                    "1",
                                    "accept",
                                    "a/b",
                                    "if-none-match",
                                    "e")),
                    BaseHttpClientTest::text);
        }

        assertThat(server.takeRequest().getHeaders().get("authorization")).isEqualTo("Bearer token-of-server");
        for (RecordedRequest request : List.of(other.takeRequest(), server.takeRequest())) {
            assertThat(request.getHeaders().names()).doesNotContain("authorization", "cookie", "x-api-key", "npm-otp");
            assertThat(request.getHeaders().get("accept")).isEqualTo("a/b");
            assertThat(request.getHeaders().get("if-none-match")).isEqualTo("e");
        }
    }

    @Test
    void send_redirectWithinTheOrigin_takesTheCredentialsOfTheNewPath() throws Exception {
        server.enqueue(status(302, "location", "/two/x"));
        server.enqueue(status(302, "location", "/three"));
        server.enqueue(new MockResponse.Builder().body("ok").build());
        try (BaseHttpClient known = builder()
                .credentials(Credentials.firstOf(
                        Credentials.bearer(uri("/one"), "1"), Credentials.bearer(uri("/two/"), "2")))
                .build()) {
            known.send(ClientRequest.get(uri("/one")), BaseHttpClientTest::text);
        }
        assertThat(server.takeRequest().getHeaders().get("authorization")).isEqualTo("Bearer 1");
        assertThat(server.takeRequest().getHeaders().get("authorization")).isEqualTo("Bearer 2");
        assertThat(server.takeRequest().getHeaders().get("authorization")).isNull();
    }

    @Test
    void send_elevenRedirects_areTooMany() {
        for (int i = 1; i <= 11; i++) {
            server.enqueue(status(302, "location", "/" + i));
        }
        assertThatThrownBy(() -> client.send(ClientRequest.get(uri("/0")), BaseHttpClientTest::text))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("more than 10");
        assertThat(server.getRequestCount()).isEqualTo(11);
    }

    @Test
    void send_tenRedirects_arrive() {
        for (int i = 1; i <= 10; i++) {
            server.enqueue(status(302, "location", "/" + i));
        }
        server.enqueue(new MockResponse.Builder().body("ok").build());
        assertThat(client.send(ClientRequest.get(uri("/0")), ClientResponse::uri))
                .isEqualTo(uri("/10"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "http://",
                "mailto:a@b",
                "file:///etc/passwd",
                "//user:pw@host/",
                "http://[::1",
                "http://a:b:c/"
            })
    void send_unusableLocation_isRefused(String location) {
        server.enqueue(location.isEmpty() ? status(302) : status(302, "location", location));
        assertThatThrownBy(() -> client.send(ClientRequest.get(uri("/")), BaseHttpClientTest::text))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("HTTP 302")
                .hasMessageNotContaining("pw");
        assertThat(server.getRequestCount()).isEqualTo(1);
    }

    @Test
    void send_redirectFromHttpsToHttp_isRefused() throws Exception {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("localhost")
                .build();
        HandshakeCertificates tls = new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .addTrustedCertificate(certificate.certificate())
                .build();
        try (MockWebServer secure = new MockWebServer();
                JdkTransport transport = JdkTransport.of(
                        TransportOptions.builder().sslContext(tls.sslContext()).build());
                BaseHttpClient trusting = builder().transport(transport).build()) {
            secure.useHttps(tls.sslSocketFactory());
            secure.start();
            secure.enqueue(new MockResponse.Builder().body("ok").build());
            secure.enqueue(status(301, "location", server.url("/plain").toString()));
            URI uri = URI.create("https://localhost:" + secure.getPort() + "/");

            assertThat(trusting.send(ClientRequest.get(uri), BaseHttpClientTest::text))
                    .isEqualTo("ok");
            assertThatThrownBy(() -> trusting.send(ClientRequest.get(uri), BaseHttpClientTest::text))
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("from https to http");
            assertThat(server.getRequestCount()).isZero();
        }
    }

    @Test
    void send_connectionClosedDuringTheTlsHandshake_isNoVerdictAboutCertificates() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread closing = new Thread(() -> {
                try {
                    while (true) {
                        try (Socket socket = listening.accept()) {
                            connections.incrementAndGet();
                            socket.getInputStream().read();
                        }
                    }
                } catch (IOException e) {
                    // The test has ended.
                }
            });
            closing.start();
            ClientRequest call = ClientRequest.get(URI.create("https://127.0.0.1:" + listening.getLocalPort() + "/"));

            assertThatThrownBy(() -> client.send(call, ClientResponse::status))
                    .isInstanceOf(TemporaryException.class)
                    .hasMessageContaining("after 3 attempts: connection closed or reset");
            assertThat(connections.get()).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void send_longUpload_isNoStall() throws Exception {
        Timeouts hasty = new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofMillis(100));
        server.enqueue(new MockResponse.Builder()
                .headersDelay(400, TimeUnit.MILLISECONDS)
                .setHeader("content-length", "0")
                .build());
        try (BaseHttpClient uploading =
                builder().timeouts(hasty).retry(RetryPolicy.none()).build()) {
            assertThat(uploading.<Integer>send(
                            ClientRequest.put(uri("/"), new byte[1_000_000]), ClientResponse::status))
                    .isEqualTo(200);
        }
    }

    @Test
    void send_credentialsOverPlainHttp_needLeave() {
        Credentials everywhere = uri -> Optional.of("Bearer x");
        try (BaseHttpClient careful = builder().credentials(everywhere).build()) {
            AuthException e = catchThrowableOfType(
                    AuthException.class,
                    () -> careful.send(
                            ClientRequest.get(URI.create("http://registry.example/")), ClientResponse::status));
            assertThat(e).hasMessageContaining("plain http").hasMessageContaining("allowCredentialsOverHttp");
            assertThat(e.attempts()).isZero();
        }
        HttpTransport recording = new HttpTransport() {
            @Override
            public ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException {
                throw new IOException(call.headers().get("authorization"));
            }

            @Override
            public void close() {
                throw new AssertionError("A transport that was given is not closed.");
            }
        };
        try (BaseHttpClient allowed = builder()
                .credentials(everywhere)
                .allowCredentialsOverHttp(true)
                .transport(recording)
                .build()) {
            assertThatThrownBy(() -> allowed.send(
                            ClientRequest.get(URI.create("http://registry.example/")), ClientResponse::status))
                    .hasRootCauseMessage("Bearer x");
        }
        for (boolean leave : new boolean[] {true, false}) {
            NpmConfig config = NpmConfig.loader(Map.of(
                            "NPM_CREDENTIALS_OVER_HTTP",
                            Boolean.toString(leave),
                            "npm_config_//registry.example/:_authToken",
                            "y"))
                    .load();
            try (BaseHttpClient ofVariable =
                    builder().npmConfig(config).transport(recording).build()) {
                assertThatThrownBy(() -> ofVariable.send(
                                ClientRequest.get(URI.create("http://registry.example/")), ClientResponse::status))
                        .isInstanceOf(leave ? TemporaryException.class : AuthException.class);
            }
        }
    }

    @Test
    void send_authorizationOfTheCall_takesThePlaceOfCredentials() throws Exception {
        server.enqueue(new MockResponse.Builder().body("ok").build());
        try (BaseHttpClient known =
                builder().credentials(Credentials.bearer(uri("/"), "a")).build()) {
            known.send(ClientRequest.get(uri("/")).withHeader("Authorization", "Basic b"), ClientResponse::status);
        }
        assertThat(server.takeRequest().getHeaders().values("authorization")).containsExactly("Basic b");
    }

    @Test
    void send_interruptedWhileBackingOff_isCancelledWithTheFlagSet() {
        server.enqueue(status(500));
        time.onSleep(() -> Thread.currentThread().interrupt());
        client.limiter(uri("/")).setRate(1);
        assertThatThrownBy(() -> client.send(ClientRequest.get(uri("/")), BaseHttpClientTest::text))
                .isInstanceOf(OperationInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void send_afterClose_isRefused() {
        client.close();
        assertThatThrownBy(() -> client.send(ClientRequest.get(uri("/")), BaseHttpClientTest::text))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/relative", "ftp://host/", "http:///path", "https://user:hunter2@host/", "mailto:x@y"})
    void get_unusableAddress_isRefusedWithoutItsPassword(String address) {
        assertThatThrownBy(() -> ClientRequest.get(URI.create(address)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void withHeader_unusable_isRefusedWithoutItsValue() {
        ClientRequest call = ClientRequest.get(uri("/"));
        for (String value : List.of("hunter2\r\nx: y", "hunter2\u0000", "hunter2\u20ac")) {
            assertThatThrownBy(() -> call.withHeader("x-key", value))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("x-key")
                    .hasMessageNotContaining("hunter2");
        }
        assertThatThrownBy(() -> call.withHeader("x key", "v")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> call.withHeader("", "v")).isInstanceOf(IllegalArgumentException.class);
    }

    private BaseHttpClient.Builder builder() {
        return BaseHttpClient.builder()
                .limiters(new HostLimiters(ThrottlePolicy::forHost, time))
                .time(time)
                .random(() -> 0.5)
                .retry(new RetryPolicy(3, Duration.ofMillis(100), Duration.ofSeconds(1)));
    }

    private RecordedRequest sendAndTake(BaseHttpClient sender) throws InterruptedException {
        server.enqueue(new MockResponse.Builder().body("ok").build());
        sender.send(ClientRequest.get(uri("/")), BaseHttpClientTest::text);
        return server.takeRequest();
    }

    private String trace() throws InterruptedException {
        return server.takeRequest().getHeaders().get("x-trace-id");
    }

    private static MockResponse status(int status, String... header) {
        MockResponse.Builder answer = new MockResponse.Builder().code(status);
        if (header.length == 2) {
            answer.setHeader(header[0], header[1]);
        }
        return answer.build();
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    private static String text(ClientResponse reply) throws IOException {
        return new String(reply.body().readAllBytes(), UTF_8);
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + server.getPort() + path);
    }
}
