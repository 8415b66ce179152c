package io.alldocs.http.okhttp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.Timeouts;
import io.alldocs.http.TransportOptions;
import io.alldocs.http.contract.RawServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests what the transport guarantees in addition to the contract: it sends requests unchanged and returns responses
 * unchanged.
 */
@Timeout(60)
class OkHttpTransportTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Timeouts PATIENT = new Timeouts(LONG, LONG, LONG);
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    private final MockWebServer server = new MockWebServer();
    private final OkHttpTransport transport = OkHttpTransport.create();

    @AfterEach
    void stop() {
        transport.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/a%2fb",
                "/a%2Fb",
                "/@scope%2fname",
                "/%40scope/name",
                "/a%7Cb?x=%22",
                "/it's;a=(b)!$&*+,:@~-._",
                "/a?x='1'&y=%27",
                "/%2e%2e/a",
                "/a/./b/../c",
                "/a?",
                "/a?&&=",
                "/a?b=/?:@[]",
                "/a%20b?c+d=%2B%20",
                "//double//slash"
            })
    void send_anyAddress_isSentUnchanged(String target) throws Exception {
        List<String> lines = new java.util.concurrent.CopyOnWriteArrayList<>();
        try (RawServer raw = new RawServer((self, head, socket) -> {
            lines.add(head.lines().findFirst().orElseThrow());
            RawServer.write(socket, OK + "content-length: 2\r\n\r\nok");
        })) {
            assertThat(text(transport.send(ClientRequest.get(raw.uri(target)), PATIENT)))
                    .isEqualTo("ok");
            assertThat(lines).containsExactly("GET " + target + " HTTP/1.1");
        }
    }

    @Test
    void send_headers_areThoseOfTheCall() throws Exception {
        server.start();
        server.enqueue(new MockResponse.Builder().build());
        server.enqueue(new MockResponse.Builder().build());
        transport.send(ClientRequest.get(uri("/")), PATIENT).body().close();
        transport
                .send(
                        ClientRequest.get(uri("/"))
                                .withHeaders(Map.of("accept-encoding", "gzip", "user-agent", "me", "x-name", "é")),
                        PATIENT)
                .body()
                .close();

        RecordedRequest bare = server.takeRequest();
        assertThat(bare.getHeaders().names()).containsExactlyInAnyOrder("Host", "Connection");
        RecordedRequest full = server.takeRequest();
        assertThat(full.getHeaders().get("accept-encoding")).isEqualTo("gzip");
        assertThat(full.getHeaders().get("user-agent")).isEqualTo("me");
        assertThat(full.getHeaders().get("x-name")).isEqualTo("é");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void read_gzip_staysGzip(boolean asked) throws Exception {
        server.start();
        byte[] bytes = {0x1f, (byte) 0x8b, 8, 0, 1, 2, 3};
        server.enqueue(new MockResponse.Builder()
                .body(new Buffer().write(bytes))
                .setHeader("Content-Encoding", "gzip")
                .build());
        ClientRequest call = ClientRequest.get(uri("/"));
        ClientResponse reply = transport.send(asked ? call.withHeader("accept-encoding", "gzip") : call, PATIENT);
        assertThat(reply.body().readAllBytes()).isEqualTo(bytes);
        assertThat(reply.contentLength()).hasValue(7);
        assertThat(reply.headers().firstValue("content-encoding")).hasValue("gzip");
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 301, 302, 303, 307, 308, 401, 407, 408, 421, 429, 500, 503, 599})
    void send_statusThatOkHttpActsUpon_isGivenOn(int status) throws Exception {
        server.start();
        server.enqueue(new MockResponse.Builder()
                .code(status)
                .setHeader("Location", "/elsewhere")
                .setHeader("Retry-After", "0")
                .setHeader("Set-Cookie", "a=b")
                .setHeader("WWW-Authenticate", "Basic realm=x")
                .body("said")
                .build());
        server.enqueue(new MockResponse.Builder().build());
        ClientResponse reply = transport.send(ClientRequest.get(uri("/")), PATIENT);
        assertThat(reply.status()).isEqualTo(status);
        assertThat(text(reply)).isEqualTo("said");
        assertThat(reply.headers().firstValue("retry-after")).hasValue("0");
        assertThat(server.getRequestCount()).isEqualTo(1);
        transport.send(ClientRequest.get(uri("/")), PATIENT).body().close();
        server.takeRequest();
        assertThat(server.takeRequest().getHeaders().get("cookie")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "POST", "DELETE", "PATCH", "PROPFIND"})
    void send_body_arrives(String method) throws Exception {
        server.start();
        server.enqueue(new MockResponse.Builder().code(201).body("done").build());
        ClientResponse reply = transport.send(call(method, "some body".getBytes(UTF_8)), PATIENT);
        assertThat(reply.status()).isEqualTo(201);
        assertThat(text(reply)).isEqualTo("done");
        RecordedRequest request = server.takeRequest();
        assertThat(request.getMethod()).isEqualTo(method);
        assertThat(request.getBody().utf8()).isEqualTo("some body");
        assertThat(request.getHeaders().get("content-length")).isEqualTo("9");
        assertThat(request.getHeaders().get("content-type")).isNull();
    }

    @ParameterizedTest
    @CsvSource({"PUT,0", "POST,0", "DELETE,", "GET,", "HEAD,"})
    void send_noBody_isSentWithoutOne(String method, String length) throws Exception {
        server.start();
        server.enqueue(new MockResponse.Builder().build());
        transport.send(call(method, null), PATIENT).body().close();
        RecordedRequest request = server.takeRequest();
        assertThat(request.getHeaders().get("content-length")).isEqualTo(length);
        assertThat(request.getHeaders().get("transfer-encoding")).isNull();
    }

    @Test
    void close_shortRestUnread_leavesTheConnectionForTheNext() throws Exception {
        server.start();
        for (int i = 0; i < 5; i++) {
            server.enqueue(new MockResponse.Builder().body("x".repeat(10_000)).build());
            try (InputStream body =
                    transport.send(ClientRequest.get(uri("/")), PATIENT).body()) {
                assertThat(body.read()).isEqualTo('x');
            }
        }
        IntStream.range(0, 5).forEach(i -> take(server));
        assertThat(server.getRequestCount()).isEqualTo(5);
    }

    @Test
    void send_brokenFraming_isAProtocolException() throws Exception {
        try (RawServer broken = stalling(OK + "content-length: 4\r\ncontent-length: 5\r\n\r\nbody")) {
            assertThatThrownBy(() -> transport.send(ClientRequest.get(broken.uri("/")), PATIENT))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("Content-Length: 4, 5");
        }
    }

    @Test
    void read_lineWithoutEndBetweenChunks_isGivenUpBeforeTheMemoryIs() throws Exception {
        AtomicInteger megabytes = new AtomicInteger();
        try (RawServer endless = new RawServer((self, head, socket) -> {
            RawServer.write(socket, OK + "transfer-encoding: chunked\r\n\r\n4\r\nbody\r\n4;");
            for (byte[] block = new byte[1 << 20]; megabytes.get() < 1_000; megabytes.incrementAndGet()) {
                socket.getOutputStream().write(block);
            }
        })) {
            InputStream body =
                    transport.send(ClientRequest.get(endless.uri("/")), PATIENT).body();
            assertThatIOException().isThrownBy(body::readAllBytes).withRootCauseInstanceOf(ProtocolException.class);
            assertThat(megabytes).hasValueLessThan(32);
        }
    }

    @Test
    void send_unknownHostAndClosedPort_differ() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        assertThatThrownBy(() -> transport.send(ClientRequest.get(URI.create("http://no-such-host.invalid/")), PATIENT))
                .isInstanceOf(UnknownHostException.class);
        assertThatThrownBy(
                        () -> transport.send(ClientRequest.get(URI.create("http://127.0.0.1:" + port + "/")), PATIENT))
                .isInstanceOf(ConnectException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "POST"})
    void send_noAnswerOnANewConnection_isSentOnce(String method) throws Exception {
        try (RawServer mute = new RawServer((self, head, socket) -> socket.close())) {
            assertThatIOException().isThrownBy(() -> transport.send(call(method, null, mute.uri("/")), PATIENT));
            assertThat(mute.requests()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void send_manyThreads_everyAnswerIsWhole(boolean http2) throws Exception {
        byte[] bytes = bytes(40_000);
        HandshakeCertificates tls = tls();
        server.useHttps(tls.sslSocketFactory());
        server.setProtocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .body(new Buffer().write(bytes))
                        .build();
            }
        });
        server.start();
        URI uri = URI.create("https://localhost:" + server.getPort() + "/");
        TransportOptions.Builder builder = TransportOptions.builder().sslContext(tls.sslContext());
        int threads = 16;
        int each = 20;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (OkHttpTransport shared = OkHttpTransport.of((http2 ? builder.http2(8) : builder).build())) {
            List<Future<Integer>> done = IntStream.range(0, threads)
                    .mapToObj(thread -> pool.submit(() -> {
                        int whole = 0;
                        for (int i = 0; i < each; i++) {
                            try (InputStream body =
                                    shared.send(ClientRequest.get(uri), PATIENT).body()) {
                                int wanted = i % 5 == 4 ? 10 : bytes.length;
                                whole += body.readNBytes(wanted).length == wanted ? 1 : 0;
                            }
                        }
                        return whole;
                    }))
                    .toList();
            for (Future<Integer> whole : done) {
                assertThat(whole.get(60, TimeUnit.SECONDS)).isEqualTo(each);
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(server.getRequestCount()).isEqualTo(threads * each);
        assertThat(server.takeRequest().getVersion()).isEqualTo(http2 ? "HTTP/2" : "HTTP/1.1");
    }

    @Test
    void http2_moreCallsThanStreams_waitTheirTurn() throws Exception {
        HandshakeCertificates tls = tls();
        server.useHttps(tls.sslSocketFactory());
        server.start();
        ClientRequest call = ClientRequest.get(URI.create("https://localhost:" + server.getPort() + "/"));
        Timeouts hasty = new Timeouts(LONG, Duration.ofMillis(300), LONG);
        try (OkHttpTransport one = OkHttpTransport.of(
                TransportOptions.builder().sslContext(tls.sslContext()).http2(1).build())) {
            for (int i = 0; i < 3; i++) {
                server.enqueue(
                        new MockResponse.Builder().body("x".repeat(100_000)).build());
            }
            InputStream first = one.send(call, PATIENT).body();
            assertThatThrownBy(() -> one.send(call, hasty)).isInstanceOf(HttpTimeoutException.class);
            first.close();
            assertThat(text(one.send(call, PATIENT))).hasSize(100_000);
            assertThat(text(one.send(call, PATIENT))).hasSize(100_000);
        }
    }

    @Test
    void create_variable_choosesTheTransport() {
        assertThat(named("okhttp")).isInstanceOf(OkHttpTransport.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> named("okhtp"))
                .withMessage("No HTTP transport for HTTP_TRANSPORT=okhtp; available: jdk, okhttp.");
    }

    private static HttpTransport named(String name) {
        HttpTransport made = HttpTransports.create(TransportOptions.of(
                NpmConfig.loader(Map.of("HTTP_TRANSPORT", name)).load()));
        made.close();
        return made;
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + server.getPort() + path);
    }

    private ClientRequest call(String method, byte[] body) {
        return call(method, body, server.getStarted() ? uri("/") : URI.create("http://localhost/"));
    }

    private static ClientRequest call(String method, byte[] body, URI uri) {
        return new ClientRequest(method, uri, Map.of(), body, java.util.Set.of(), null, false);
    }

    private static String text(ClientResponse reply) throws IOException {
        try (InputStream body = reply.body()) {
            return new String(body.readAllBytes(), UTF_8);
        }
    }

    private static RawServer stalling(String answer) throws IOException {
        return new RawServer((self, head, socket) -> {
            RawServer.write(socket, answer);
            self.awaitClose();
        });
    }

    private static RecordedRequest take(MockWebServer from) {
        try {
            RecordedRequest request = from.takeRequest();
            assertThat(request.getConnectionIndex()).isZero();
            return request;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        return bytes;
    }

    private static HandshakeCertificates tls() {
        HeldCertificate localhost = new HeldCertificate.Builder()
                .addSubjectAlternativeName("localhost")
                .build();
        return new HandshakeCertificates.Builder()
                .heldCertificate(localhost)
                .addTrustedCertificate(localhost.certificate())
                .build();
    }
}
