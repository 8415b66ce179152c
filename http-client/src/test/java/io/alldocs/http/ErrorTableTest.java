package io.alldocs.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.AllDocsException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import mockwebserver3.MockWebServer;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Verifies every row of the table with real servers and sockets. */
class ErrorTableTest {

    private static final int ATTEMPTS = 2;
    /** Timeout for peers that never answer. */
    private static final Duration SHORT = Duration.ofMillis(150);
    /** Enough time for a connection and a response head, even on a busy machine. */
    private static final Duration BRIEF = Duration.ofMillis(500);

    private static final Duration LONG = Duration.ofSeconds(20);
    /** Longer than any system waits for a name server that does not answer. */
    private static final Duration LOOKUP = Duration.ofMinutes(2);

    private final CountDownLatch closing = new CountDownLatch(1);
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** A request address with its timeouts and proxy. */
    private record Scene(URI uri, Timeouts timeouts, String proxy) {
        Scene(URI uri) {
            this(uri, new Timeouts(LONG, LONG, LONG));
        }

        Scene(URI uri, Timeouts timeouts) {
            this(uri, timeouts, "");
        }
    }

    @AfterEach
    void close() throws Exception {
        closing.countDown();
        while (!open.isEmpty()) {
            open.pop().close();
        }
        Thread.interrupted();
    }

    @ParameterizedTest
    @EnumSource(FailureKind.class)
    void send_eachRow_becomesItsErrorAndIsTriedAsOftenAsItSays(FailureKind fault) throws Exception {
        Scene scene = scene(fault);
        walk(fault, scene, ClientRequest.get(scene.uri()), fault.retried != FailureKind.Retried.NEVER);
        walk(
                fault,
                scene,
                ClientRequest.post(scene.uri(), new byte[] {1}),
                fault.retried == FailureKind.Retried.ALWAYS);
        walk(
                fault,
                scene,
                ClientRequest.post(scene.uri(), new byte[] {1}).asRepeatable(),
                fault.retried != FailureKind.Retried.NEVER);
    }

    @ParameterizedTest
    @CsvSource({
        "400,PermanentException,1", "401,AuthException,1", "402,PermanentException,1", "403,AuthException,1",
        "404,PermanentException,1", "405,PermanentException,1", "406,PermanentException,1", "407,AuthException,1",
        "408,TemporaryException,2", "409,PermanentException,1", "410,PermanentException,1", "418,PermanentException,1",
        "421,PermanentException,1", "425,TemporaryException,2", "426,PermanentException,1", "429,TemporaryException,2",
        "431,PermanentException,1", "451,PermanentException,1", "499,PermanentException,1", "500,TemporaryException,2",
        "501,PermanentException,1", "502,TemporaryException,2", "503,TemporaryException,2", "504,TemporaryException,2",
        "505,PermanentException,1", "507,TemporaryException,2", "520,TemporaryException,2", "521,TemporaryException,2",
        "522,TemporaryException,2", "523,TemporaryException,2", "524,TemporaryException,2", "525,TemporaryException,2",
        "526,TemporaryException,2", "599,TemporaryException,2", "300,PermanentException,1", "305,PermanentException,1",
        "600,PermanentException,1"
    })
    void send_eachStatus_becomesTheErrorOfItsRow(int status, String error, int attempts) throws Exception {
        try (RawServer server = status(status);
                BaseHttpClient client = client(new Timeouts(LONG, LONG, LONG))) {
            RequestException e = (RequestException) failure(client, ClientRequest.get(server.uri("/x")));
            assertThat(e.getClass().getSimpleName()).isEqualTo(error);
            assertThat(e.status()).hasValue(status);
            assertThat(e.attempts()).isEqualTo(attempts);
            assertThat(server.requests).hasValue(attempts);
            assertThat(e.retryable()).isEqualTo(error.equals("TemporaryException"));
            assertThat(e).hasMessageContaining("GET " + server.uri("/x")).hasMessageContaining("HTTP " + status);
        }
    }

    @Test
    void send_acceptedStatus_isAnAnswer() throws Exception {
        for (int status : new int[] {401, 403, 404, 429, 500}) {
            try (RawServer server = status(status);
                    BaseHttpClient client = client(Timeouts.defaults())) {
                int seen = client.send(ClientRequest.get(server.uri("/")).accepting(status), ClientResponse::status);
                assertThat(seen).isEqualTo(status);
            }
        }
    }

    @Test
    void markdown_everyRow_isOneLine() {
        List<String> lines = ErrorTable.markdown().lines().toList();
        assertThat(lines).hasSize(FailureKind.values().length + 2);
        assertThat(lines.get(0)).isEqualTo("| Cause | Exception | Retried |");
        assertThat(lines)
                .contains("| 429 | `TemporaryException` | yes |", "| 404, 410, 451 | `PermanentException` | no |");
        assertThat(lines).allMatch(line -> line.chars().filter(c -> c == '|').count() == 4);
    }

    @Test
    void ofStatus_everyStatus_hasARow() {
        IntStream.rangeClosed(100, 999)
                .forEach(status -> assertThat(FailureKind.ofStatus(status)).isNotNull());
    }

    private void walk(FailureKind fault, Scene scene, ClientRequest call, boolean triedAgain) {
        if (fault == FailureKind.INTERRUPTED) {
            Thread.currentThread().interrupt();
        }
        try (BaseHttpClient client = client(scene.timeouts(), scene.proxy())) {
            AllDocsException e = failure(client, call);
            assertThat(e.getClass().getSimpleName()).isEqualTo(fault.kind.exception);
            OptionalInt status = OptionalInt.empty();
            if (e instanceof RequestException request) {
                status = request.status();
                assertThat(request.attempts()).isEqualTo(fault.isBeforeSending() ? 0 : triedAgain ? ATTEMPTS : 1);
            }
            assertThat(e.retryable()).isEqualTo(fault.kind == FailureKind.Kind.TEMPORARY);
            assertThat(e.getMessage())
                    .startsWith(call.toString())
                    .contains(status.isPresent() ? "HTTP " + status.getAsInt() : fault.when)
                    .endsWith(fault.advice.isEmpty() ? "." : fault.advice);
            assertThat(Thread.interrupted()).isEqualTo(fault == FailureKind.INTERRUPTED);
        }
    }

    private Scene scene(FailureKind fault) throws Exception {
        return switch (fault) {
            case UNAUTHORIZED -> new Scene(keep(status(401)).uri("/"));
            case FORBIDDEN -> new Scene(keep(status(403)).uri("/"));
            case PROXY_AUTH -> new Scene(keep(status(407)).uri("/"));
            case PROXY_REFUSED -> proxied(keep(status(403)).uri("/"));
            case PROXY_FAILED -> proxied(keep(status(502)).uri("/"));
            case PROXY_UNREACHABLE -> proxied(closedPort());
            case PROXY_PASSWORD_DROPPED ->
                proxied(URI.create("http://jo:example-pw@" + closedPort().getAuthority()));
            case REQUEST_TIMEOUT -> new Scene(keep(status(408)).uri("/"));
            case TOO_EARLY -> new Scene(keep(status(425)).uri("/"));
            case RATE_LIMITED -> new Scene(keep(status(429)).uri("/"));
            case ABSENT -> new Scene(keep(status(404)).uri("/"));
            case CLIENT_ERROR -> new Scene(keep(status(418)).uri("/"));
            case UNAVAILABLE -> new Scene(keep(status(503)).uri("/"));
            case UNSUPPORTED -> new Scene(keep(status(501)).uri("/"));
            case SERVER_ERROR -> new Scene(keep(status(522)).uri("/"));
            case UNEXPECTED_STATUS -> new Scene(keep(status(300)).uri("/"));
            case REDIRECT_LOOP ->
                new Scene(keep(RawServer.answering(
                                "HTTP/1.1 307 Again\r\nlocation: /\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"))
                        .uri("/"));
            case REDIRECT_REFUSED ->
                new Scene(keep(RawServer.answering(
                                "HTTP/1.1 302 Found\r\nlocation: ftp://files.example/\r\ncontent-length:"
                                        + " 0\r\nconnection: close\r\n\r\n"))
                        .uri("/"));
            case CONNECT_TIMEOUT -> new Scene(deaf(), new Timeouts(SHORT, LONG, LONG));
            case STALLED ->
                new Scene(stalling("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"), new Timeouts(LONG, LONG, BRIEF));
            case REQUEST_DEADLINE -> new Scene(dribbling(), new Timeouts(LONG, BRIEF, LONG));
            case UNKNOWN_HOST ->
                new Scene(URI.create("http://no-such-host.invalid/"), new Timeouts(LOOKUP, LOOKUP, LOOKUP));
            case REFUSED -> new Scene(closedPort());
            case TLS -> new Scene(untrusted());
            case RESET ->
                new Scene(keep(new RawServer(socket -> socket.setSoLinger(true, 0)))
                        .uri("/"));
            case CUT -> new Scene(keep(new RawServer(ErrorTableTest::breakOff)).uri("/"));
            case PROTOCOL ->
                new Scene(keep(RawServer.answering("HTTP/1.1 200 OK\r\ncontent-length: 4, 4\r\n\r\nbody"))
                        .uri("/"));
            case UNKNOWN_CODING -> new Scene(keep(status(200)).uri("/brotli"));
            case FOREIGN -> new Scene(keep(status(200)).uri("/login"));
            case CLIENT_HANGS -> new Scene(keep(status(200)).uri("/hanging"));
            case CLIENTS_HANG -> new Scene(keep(status(200)).uri("/all-hanging"));
            case INSECURE -> new Scene(URI.create("http://no-such-host.invalid/secret"));
            case INTERRUPTED -> new Scene(stalling(""));
        };
    }

    private static Scene proxied(URI proxy) {
        return new Scene(
                URI.create("https://registry.corp.example/"), new Timeouts(LONG, LONG, LONG), proxy.toString());
    }

    private BaseHttpClient client(Timeouts timeouts) {
        return client(timeouts, "");
    }

    private BaseHttpClient client(Timeouts timeouts, String proxy) {
        return BaseHttpClient.builder()
                .npmConfig(NpmConfig.loader(Map.of("HTTPS_PROXY", proxy)).load())
                .limiters(HostLimiters.create())
                .timeouts(timeouts)
                .retry(new RetryPolicy(ATTEMPTS, Duration.ofMillis(1), Duration.ofMillis(2)))
                .credentials(uri -> uri.getPath().equals("/secret")
                        ? java.util.Optional.of("Bearer x")
                        : java.util.Optional.empty())
                .build();
    }

    private static AllDocsException failure(BaseHttpClient client, ClientRequest call) {
        return catchThrowableOfType(
                AllDocsException.class,
                () -> client.send(call, reply -> {
                    if (reply.uri().getPath().equals("/brotli")) {
                        throw new UnknownCodingException("Content-Encoding: br");
                    }
                    if (reply.uri().getPath().equals("/login")) {
                        throw new IntermediaryResponseException("HTTP 200 and text/html");
                    }
                    if (reply.uri().getPath().equals("/hanging")) {
                        throw HungClientException.inBody(3);
                    }
                    if (reply.uri().getPath().equals("/all-hanging")) {
                        throw HungClientException.tooMany(3);
                    }
                    return reply.body().readAllBytes();
                }));
    }

    private static RawServer status(int status) throws IOException {
        return RawServer.answering(
                "HTTP/1.1 " + status + " Status\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody");
    }

    private URI stalling(String start) throws IOException {
        return keep(new RawServer(socket -> {
                    socket.getOutputStream().write(start.getBytes(ISO_8859_1));
                    holdUntilGone(socket);
                }))
                .uri("/");
    }

    private URI dribbling() throws IOException {
        return keep(new RawServer(socket -> {
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n".getBytes(ISO_8859_1));
                    while (!closing.await(10, TimeUnit.MILLISECONDS)) {
                        socket.getOutputStream().write('x');
                    }
                }))
                .uri("/");
    }

    private static void holdUntilGone(Socket socket) throws IOException {
        socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    }

    /**
     * Returns a port whose backlog is full, so that a further connection gets no answer. On systems that refuse such
     * connections, returns an address that no host has.
     */
    private URI deaf() throws IOException {
        ServerSocket listening = keep(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        while (true) {
            try {
                keep(new Socket()).connect(listening.getLocalSocketAddress(), 200);
            } catch (java.net.SocketTimeoutException e) {
                return URI.create("http://127.0.0.1:" + listening.getLocalPort() + "/");
            } catch (java.net.ConnectException e) {
                return URI.create("http://192.0.2.1/"); // TEST-NET-1, RFC 5737.
            }
        }
    }

    /** Returns a port that is bound, so that no other process gets it, but has no listener. */
    private URI closedPort() throws IOException {
        Socket held = keep(new Socket());
        held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return URI.create("http://127.0.0.1:" + held.getLocalPort() + "/");
    }

    /**
     * Sends more than all buffers on the way hold, so that the client has received the start of the response when its
     * connection ends.
     */
    private static void breakOff(Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write("HTTP/1.1 200 OK\r\ncontent-length: 40000000\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        out.write(new byte[32_000_000]);
    }

    private URI untrusted() throws Exception {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("localhost")
                .build();
        HandshakeCertificates identity =
                new HandshakeCertificates.Builder().heldCertificate(certificate).build();
        MockWebServer server = keep(new MockWebServer());
        server.useHttps(identity.sslSocketFactory());
        server.start();
        return URI.create("https://localhost:" + server.getPort() + "/");
    }

    private <C extends AutoCloseable> C keep(C closeable) {
        open.push(closeable);
        return closeable;
    }
}
