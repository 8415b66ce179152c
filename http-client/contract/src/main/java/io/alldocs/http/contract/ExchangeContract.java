package io.alldocs.http.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.StallTimeoutException;
import io.alldocs.http.Timeouts;
import io.alldocs.http.TransportOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Verifies a transport's exchanges with a well-behaved server: timeouts, interrupts, and the state of the connection
 * afterwards.
 */
abstract class ExchangeContract {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String CUT = OK + "content-length: 9\r\n\r\nabc";

    private final ExecutorService pool = Executors.newCachedThreadPool();
    private HttpTransport transport;

    /** Returns a new transport. */
    protected abstract HttpTransport newTransport(TransportOptions options);

    @BeforeEach
    void open() {
        transport = newTransport(TransportOptions.of(NpmConfig.empty()));
    }

    @AfterEach
    void end() {
        transport.close();
        pool.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8_191, 8_192, 8_193, 16_383, 16_384, 16_385, 5_000_000})
    void send_bodyReadToItsEnd_leavesTheConnectionForTheNext(int size) throws Exception {
        byte[] bytes = bytes(size);
        try (RawServer server = new RawServer((self, head, socket) -> {
            if (head.contains(" /chunked ")) {
                writeChunked(socket, bytes);
            } else {
                writeWhole(socket, bytes);
            }
        })) {
            for (int i = 0; i < 10; i++) {
                URI uri = server.uri(i % 2 == 0 ? "/chunked" : "/whole");
                try (InputStream body =
                        transport.send(ClientRequest.get(uri), Trial.PATIENT).body()) {
                    assertThat(body.readAllBytes()).isEqualTo(bytes);
                    assertThat(body.read()).isEqualTo(-1);
                    assertThat(body.read(new byte[3])).isEqualTo(-1);
                }
            }
            assertThat(server.connections()).isOne();
        }
    }

    @Test
    void close_endlessRestUnread_cancelsTheExchange() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (RawServer endless = new RawServer((self, head, socket) -> {
            try {
                Wire.of(self, socket).writeForEver((OK + "\r\n").getBytes(ISO_8859_1), new byte[8_192]);
            } finally {
                ended.countDown();
            }
        })) {
            try (InputStream body = get(endless, Trial.PATIENT).body()) {
                assertThat(body.readNBytes(100_000)).hasSize(100_000);
            }
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void close_whileAnotherThreadReads_endsTheRead() throws Exception {
        try (RawServer silent = stalling(OK + "\r\nabc")) {
            InputStream body = get(silent, Trial.PATIENT).body();
            body.readNBytes(3);
            CountDownLatch reading = new CountDownLatch(1);
            Future<Integer> read = pool.submit(() -> {
                reading.countDown();
                return body.read();
            });
            reading.await();
            body.close();
            assertThatThrownBy(() -> read.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
            assertThatIOException().isThrownBy(body::read).withMessage("The body was closed.");
        }
    }

    @Test
    void read_silence_isAStall() throws Exception {
        Timeouts timeouts = new Timeouts(LONG, LONG, Duration.ofMillis(500));
        for (boolean sends : new boolean[] {false, true}) {
            try (RawServer silent = stalling(CUT)) {
                ClientRequest call =
                        sends ? ClientRequest.put(silent.uri("/"), new byte[10]) : ClientRequest.get(silent.uri("/"));
                InputStream body = transport.send(call, timeouts).body();
                assertThat(body.readNBytes(3)).hasSize(3);
                assertThatThrownBy(body::read)
                        .isInstanceOf(StallTimeoutException.class)
                        .hasMessageContaining("500 ms")
                        .hasMessageContaining("3 bytes");
                assertThatIOException().isThrownBy(body::read);
            }
        }
    }

    @Test
    void send_silenceBeforeTheHead_isAStallUnlessABodyIsSent() throws Exception {
        Timeouts timeouts = new Timeouts(LONG, Duration.ofMillis(1_500), Duration.ofMillis(300));
        try (RawServer silent = stalling("HTTP/1.1 200")) {
            assertThatThrownBy(() -> get(silent, timeouts)).isInstanceOf(StallTimeoutException.class);
            assertThatThrownBy(() -> transport.send(ClientRequest.put(silent.uri("/"), new byte[3]), timeouts))
                    .isInstanceOf(HttpTimeoutException.class)
                    .isNotInstanceOf(StallTimeoutException.class);
        }
    }

    @Test
    void read_slowReader_isNoStall() throws Exception {
        Timeouts timeouts = new Timeouts(LONG, LONG, Duration.ofMillis(300));
        try (RawServer server = new RawServer((self, head, socket) -> writeWhole(socket, bytes(300_000)));
                InputStream body = get(server, timeouts).body()) {
            assertThat(body.readNBytes(10)).hasSize(10);
            assertThat(new CountDownLatch(1).await(1, TimeUnit.SECONDS)).isFalse();
            assertThat(body.readAllBytes()).hasSize(299_990);
        }
    }

    @Test
    void read_longerThanTheDeadline_isATimeoutEvenWhileBytesCome() throws Exception {
        Timeouts timeouts = new Timeouts(LONG, Duration.ofSeconds(1), LONG);
        try (RawServer trickling = new RawServer((self, head, socket) -> self.writeSlowly(
                socket, OK + "content-length: 10000\r\n\r\n" + "x".repeat(10_000), Duration.ofMillis(5)))) {
            assertThatThrownBy(() -> get(trickling, timeouts).body().readAllBytes())
                    .isInstanceOf(HttpTimeoutException.class)
                    .isNotInstanceOf(StallTimeoutException.class)
                    .hasMessageContaining("1000 ms");
        }
    }

    @Test
    void read_lessThanDeclared_isNoWholeBody() throws Exception {
        try (RawServer cutting = new RawServer((self, head, socket) -> {
            RawServer.write(socket, CUT);
            socket.close();
        })) {
            InputStream body = get(cutting, Trial.PATIENT).body();
            assertThatIOException().isThrownBy(body::readAllBytes).withMessageContaining("3 of 9 bytes");
        }
    }

    @Test
    void send_interruptedFromOutside_givesTheConnectionUp() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        try (RawServer silent = new RawServer((self, head, socket) -> {
            asked.countDown();
            assertThat(socket.getInputStream().read()).isNegative();
            ended.countDown();
        })) {
            InterruptedCaller caller = new InterruptedCaller(() -> get(silent, Trial.PATIENT));
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(caller.interrupt()).isInstanceOf(InterruptedException.class);
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void read_interruptedFromOutside_endsWithTheFlagSet() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        try (RawServer silent = stalling(CUT)) {
            InterruptedCaller caller = new InterruptedCaller(() -> {
                InputStream body = get(silent, Trial.PATIENT).body();
                body.readNBytes(3);
                reading.countDown();
                body.read();
            });
            assertThat(reading.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(caller.interrupt()).isInstanceOf(InterruptedIOException.class);
            assertThat(caller.hadFlag()).isTrue();
        }
    }

    @Test
    void send_interruptedBefore_sendsNothing() throws Exception {
        try (RawServer server = stalling("")) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> get(server, Trial.PATIENT)).isInstanceOf(InterruptedException.class);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThat(server.requests()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"HEAD,200", "GET,204", "GET,304"})
    void send_answerWithoutBody_keepsTheDeclaredLengthAndIsReadAtOnce(String method, int status) throws Exception {
        String length = status == 204 ? "" : "content-length: 1234\r\n";
        try (RawServer server = new RawServer((self, head, socket) ->
                RawServer.write(socket, "HTTP/1.1 " + status + " x\r\netag: \"1\"\r\n" + length + "\r\n"))) {
            for (int i = 0; i < 3; i++) {
                ClientResponse reply = transport.send(
                        method.equals("HEAD")
                                ? ClientRequest.head(server.uri("/"))
                                : ClientRequest.get(server.uri("/")),
                        Trial.PATIENT);
                assertThat(reply.status()).isEqualTo(status);
                assertThat(reply.body().readAllBytes()).isEmpty();
                assertThat(reply.headers().firstValue("etag")).hasValue("\"1\"");
                assertThat(reply.contentLength().isPresent()).isEqualTo(status != 204);
                reply.body().close();
            }
        }
    }

    @Test
    void send_connectionThatTheServerClosedMeanwhile_isReplacedByAnother() throws Exception {
        try (RawServer closing = new RawServer((self, head, socket) -> {
            RawServer.write(socket, OK + "content-length: 2\r\n\r\nok");
            socket.close();
        })) {
            for (int i = 0; i < 5; i++) {
                assertThat(Trial.read(get(closing, Trial.PATIENT))).isEqualTo("ok");
            }
            assertThat(closing.requests()).isEqualTo(5);
        }
    }

    @Test
    void send_manyThreads_everyAnswerIsWhole() throws Exception {
        byte[] bytes = bytes(40_000);
        try (RawServer server = new RawServer((self, head, socket) -> writeWhole(socket, bytes))) {
            List<Future<Void>> all = new ArrayList<>();
            for (int thread = 0; thread < 16; thread++) {
                all.add(pool.submit(() -> {
                    for (int i = 0; i < 20; i++) {
                        byte[] wanted = i % 5 == 4 ? Arrays.copyOf(bytes, 10) : bytes;
                        try (InputStream body = get(server, Trial.PATIENT).body()) {
                            assertThat(body.readNBytes(wanted.length)).isEqualTo(wanted);
                        }
                    }
                    return null;
                }));
            }
            for (Future<Void> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void close_thenSend_isRefused() throws Exception {
        try (RawServer server = stalling("")) {
            transport.close();
            assertThatIllegalStateException().isThrownBy(() -> get(server, Trial.PATIENT));
            assertThat(server.requests()).isZero();
        }
    }

    private ClientResponse get(RawServer server, Timeouts timeouts) throws IOException, InterruptedException {
        return transport.send(ClientRequest.get(server.uri("/")), timeouts);
    }

    private static RawServer stalling(String answer) throws IOException {
        return new RawServer((self, head, socket) -> {
            RawServer.write(socket, answer);
            self.awaitClose();
        });
    }

    private static void writeWhole(Socket socket, byte[] bytes) throws IOException {
        RawServer.write(socket, OK + "content-length: " + bytes.length + "\r\n\r\n");
        socket.getOutputStream().write(bytes);
    }

    private static void writeChunked(Socket socket, byte[] bytes) throws IOException {
        RawServer.write(socket, OK + "transfer-encoding: chunked\r\n\r\n");
        for (int at = 0; at < bytes.length; at += 7_000) {
            int length = Math.min(7_000, bytes.length - at);
            RawServer.write(socket, Integer.toHexString(length) + "\r\n");
            socket.getOutputStream().write(bytes, at, length);
            RawServer.write(socket, "\r\n");
        }
        RawServer.write(socket, "0\r\n\r\n");
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        return bytes;
    }
}
