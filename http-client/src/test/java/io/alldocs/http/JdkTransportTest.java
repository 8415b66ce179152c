package io.alldocs.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdkTransportTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Timeouts PATIENT = new Timeouts(LONG, LONG, LONG);
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    private final MockWebServer server = new MockWebServer();
    private final JdkTransport transport = JdkTransport.create();

    @AfterEach
    void stop() {
        transport.close();
        server.close();
    }

    @Test
    void close_shortRestUnread_leavesTheConnectionForTheNext() throws Exception {
        int calls = 20;
        try (RawServer hesitant = new RawServer(socket -> {
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            do {
                out.write((OK + "transfer-encoding: chunked\r\n\r\n1\r\nx\r\n").getBytes(ISO_8859_1));
                pause(5);
                out.write("4\r\nrest\r\n0\r\n\r\n".getBytes(ISO_8859_1));
            } while (RawServer.readHead(socket.getInputStream()));
        })) {
            for (int i = 0; i < calls; i++) {
                try (InputStream body = get(hesitant, PATIENT).body()) {
                    assertThat(body.read()).isEqualTo('x');
                }
            }
            // The wait for the rest is so short that a busy machine may occasionally miss it.
            assertThat(hesitant.connections.get()).isLessThanOrEqualTo(calls / 2);
        }
    }

    @Test
    void read_slowly_holdsTheSenderBack() throws Exception {
        AtomicLong sent = new AtomicLong();
        try (RawServer endless = endless(sent);
                InputStream body = get(endless, PATIENT).body()) {
            assertThat(body.read()).isNotNegative();
            // Socket buffers have a limited size, so the sender stops eventually.
            long before = -1;
            for (int still = 0; still < 5; ) {
                long now = sent.get();
                still = now == before ? still + 1 : 0;
                before = now;
                pause(20);
            }
            assertThat(sent.get()).isLessThan(32 << 20);
            body.skipNBytes(sent.get());
            assertThat(body.read()).isNotNegative();
        }
    }

    @Test
    void read_noDeclaredLength_endsWithTheConnection() throws Exception {
        try (RawServer old = RawServer.answering("HTTP/1.0 200 OK\r\n\r\nabc")) {
            assertThat(get(old, PATIENT).body().readAllBytes()).isEqualTo("abc".getBytes(ISO_8859_1));
        }
    }

    @Test
    void requireWhole_lengthNotKeptByTheWire_isAnEof() throws Exception {
        // HTTP/2 on older JDKs does not compare the lengths, so the stream itself must.
        BodyStream body = new BodyStream(
                Deadline.in(LONG),
                LONG.toNanos(),
                java.util.OptionalLong.of(5),
                new SelectorWatch(),
                new BodyStream.Owner() {
                    @Override
                    public void lost() {}

                    @Override
                    public void failed() {}

                    @Override
                    public void released() {}
                });
        body.onSubscribe(new java.util.concurrent.Flow.Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {}
        });
        body.onNext(List.of(java.nio.ByteBuffer.wrap(new byte[3])));
        body.onComplete();
        assertThatThrownBy(body::readAllBytes).isInstanceOf(EOFException.class).hasMessageContaining("3 of 5");
    }

    @Test
    void read_interrupted_endsWithTheFlagSet() throws Exception {
        try (RawServer silent = stalling(OK + "content-length: 9\r\n\r\nabc")) {
            InputStream body = get(silent, PATIENT).body();
            body.readNBytes(3);
            Thread.currentThread().interrupt();
            assertThatThrownBy(body::read).isInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
            await(() -> silent.ended.get() == 1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void send_manyThreads_everyAnswerIsWholeAndConnectionsAreFew(boolean http2) throws Exception {
        byte[] bytes = bytes(40_000);
        HandshakeCertificates tls = tls();
        if (http2) {
            server.useHttps(tls.sslSocketFactory());
            server.setProtocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));
        }
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .body(new Buffer().write(bytes))
                        .build();
            }
        });
        server.start();
        URI uri = URI.create((http2 ? "https" : "http") + "://localhost:" + server.getPort() + "/");
        TransportOptions.Builder builder = TransportOptions.builder().sslContext(tls.sslContext());
        int threads = 32;
        int each = 30;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (JdkTransport shared = JdkTransport.of((http2 ? builder.http2(8) : builder).build());
                BaseHttpClient client = BaseHttpClient.builder()
                        .transport(shared)
                        .limiters(HostLimiters.create())
                        .build()) {
            List<Future<Integer>> done = IntStream.range(0, threads)
                    .mapToObj(thread -> pool.submit(() -> {
                        int whole = 0;
                        for (int i = 0; i < each; i++) {
                            boolean leavesEarly = i % 5 == 4;
                            whole += client.send(
                                    ClientRequest.get(uri),
                                    reply -> leavesEarly
                                            ? reply.body().readNBytes(10).length == 10 ? 1 : 0
                                            : java.util.Arrays.equals(
                                                            reply.body().readAllBytes(), bytes)
                                                    ? 1
                                                    : 0);
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
        assertThat(server.getRequestCount()).isGreaterThanOrEqualTo(threads * each);
        List<RecordedRequest> requests = new ArrayList<>();
        for (int i = 0; i < threads * each; i++) {
            requests.add(server.takeRequest());
        }
        assertThat(requests).allMatch(r -> r.getVersion().equals(http2 ? "HTTP/2" : "HTTP/1.1"));
        // On HTTP/1.1, closing a body early may close its connection: at most a fifth of all, in addition to one for
        // each thread. On HTTP/2 the JDK opens a connection for each first call and keeps one.
        long connections = requests.stream()
                .mapToInt(RecordedRequest::getConnectionIndex)
                .distinct()
                .count();
        assertThat(connections).isLessThanOrEqualTo(http2 ? 8 : threads + threads * each / 5);
    }

    @Test
    void http2_moreCallsThanStreams_waitTheirTurn() throws Exception {
        HandshakeCertificates tls = tls();
        server.useHttps(tls.sslSocketFactory());
        server.setProtocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));
        server.start();
        ClientRequest call = ClientRequest.get(URI.create("https://localhost:" + server.getPort() + "/"));
        Timeouts hasty = new Timeouts(LONG, Duration.ofMillis(200), LONG);
        try (JdkTransport one = JdkTransport.of(
                TransportOptions.builder().sslContext(tls.sslContext()).http2(1).build())) {
            for (int i = 0; i < 3; i++) {
                server.enqueue(
                        new MockResponse.Builder().body("x".repeat(100_000)).build());
            }
            InputStream first = one.send(call, PATIENT).body();
            assertThat(first.read()).isEqualTo('x');
            assertThatThrownBy(() -> one.send(call, hasty))
                    .isInstanceOf(HttpTimeoutException.class)
                    .hasMessageContaining("stream");
            first.close();
            try (InputStream second = one.send(call, PATIENT).body()) {
                assertThat(second.readAllBytes()).hasSize(100_000);
            }
            try (InputStream third = one.send(call, PATIENT).body()) {
                assertThat(third.readAllBytes()).hasSize(100_000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1001})
    void http2_streamsOutOfRange_areRefused(int streams) {
        assertThatThrownBy(() -> TransportOptions.builder().http2(streams))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Integer.toString(streams));
    }

    private ClientResponse get(RawServer raw, Timeouts timeouts) throws IOException, InterruptedException {
        return transport.send(ClientRequest.get(raw.uri("/")), timeouts);
    }

    private static RawServer stalling(String start) throws IOException {
        return new RawServer(socket -> {
            socket.getOutputStream().write(start.getBytes(ISO_8859_1));
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        });
    }

    private static RawServer endless(AtomicLong sent) throws IOException {
        byte[] block = new byte[8192];
        return new RawServer(socket -> {
            OutputStream out = socket.getOutputStream();
            out.write((OK + "content-length: 99999999999\r\n\r\n").getBytes(ISO_8859_1));
            while (true) {
                out.write(block);
                sent.addAndGet(block.length);
            }
        });
    }

    private static HandshakeCertificates tls() {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("localhost")
                .build();
        return new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .addTrustedCertificate(certificate.certificate())
                .build();
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new java.util.Random(size).nextBytes(bytes);
        return bytes;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("waited too long").isNegative();
            pause(5);
        }
    }

    private static void pause(int millis) throws InterruptedException {
        new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    }
}
