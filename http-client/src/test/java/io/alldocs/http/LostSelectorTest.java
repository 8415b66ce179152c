package io.alldocs.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.util.Throwables;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests a selector thread that does not return, because the trust manager, which runs in it, blocks. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LostSelectorTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Timeouts PATIENT = new Timeouts(LONG, LONG, LONG);
    private static final Timeouts HASTY = new Timeouts(LONG, LONG, Duration.ofMillis(300));

    private final BlockingTrust trust = new BlockingTrust();
    private final MockWebServer secure = new MockWebServer();
    private final MockWebServer plain = new MockWebServer();
    private final ExecutorService pool = Executors.newCachedThreadPool();
    private JdkTransport transport;

    @BeforeEach
    void start() throws Exception {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("localhost")
                .build();
        secure.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .build()
                .sslSocketFactory());
        secure.start();
        plain.start();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {trust}, null);
        transport =
                JdkTransport.of(TransportOptions.builder().sslContext(context).build());
    }

    @AfterEach
    void stop() throws Exception {
        trust.release.countDown();
        transport.close();
        secure.close();
        plain.close();
        pool.shutdownNow();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        await(() -> JdkTransport.stuckThreads() == 0);
    }

    @Test
    void send_selectorThatHangs_failsLongBeforeItsTimeout_andTheNextSucceeds() throws Exception {
        long before = System.nanoTime();

        assertThat(failureInSelector(() -> transport.send(ClientRequest.get(secureUri()), PATIENT)))
                .isInstanceOf(HungClientException.class)
                .hasMessageContaining("stopped responding");

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
        assertThat(JdkTransport.stuckThreads()).isEqualTo(1);
        assertPlainSucceeds();
        trust.release.countDown();
        await(() -> JdkTransport.stuckThreads() == 0);
    }

    @Test
    void send_selectorThatHangs_failsWithItsTimeout_andTheNextSucceeds() throws Exception {
        assertThat(failureInSelector(() -> transport.send(ClientRequest.get(secureUri()), HASTY)))
                .isInstanceOfAny(HungClientException.class, StallTimeoutException.class);

        assertPlainSucceeds();
    }

    @Test
    void send_otherExchangesOfALostClient_failAsTemporary() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        long givenUp = JdkTransport.abandonedClients();
        try (RawServer stalling = new RawServer(socket -> {
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc".getBytes(ISO_8859_1));
                    socket.getInputStream().read();
                });
                BaseHttpClient client = BaseHttpClient.builder()
                        .transport(transport)
                        .timeouts(PATIENT)
                        .retry(RetryPolicy.none())
                        .limiters(HostLimiters.create())
                        .listener(new HttpListener() {
                            @Override
                            public void clientReplaced(String origin) {
                                told.add(origin);
                            }
                        })
                        .build()) {
            CountDownLatch inBody = new CountDownLatch(1);
            Future<Throwable> reading =
                    pool.submit(() -> catchThrowable(() -> client.send(ClientRequest.get(stalling.uri("/")), reply -> {
                        reply.body().readNBytes(3);
                        inBody.countDown();
                        return reply.body().readAllBytes();
                    })));
            assertThat(inBody.await(60, TimeUnit.SECONDS)).isTrue();

            assertThat(failureInSelector(() -> client.send(ClientRequest.get(secureUri()), ClientResponse::status)))
                    .isInstanceOf(TemporaryException.class)
                    .hasMessageContaining("stopped responding");

            assertThat(reading.get(60, TimeUnit.SECONDS))
                    .isInstanceOf(TemporaryException.class)
                    .hasMessageContaining("client hang")
                    .hasMessageContaining("3 bytes")
                    .hasMessageContaining("all-docs-http-okhttp");
            assertThat(told).containsExactlyInAnyOrder(Origins.of(secureUri()), Origins.of(stalling.uri("/")));
            assertThat(JdkTransport.abandonedClients()).isEqualTo(givenUp + 1);
        }
    }

    @Test
    void send_tooManyThreadsThatHang_isRefusedWithAnErrorThatSaysWhatToDo() throws Exception {
        try (BaseHttpClient client = BaseHttpClient.builder()
                .transport(transport)
                .limiters(HostLimiters.create())
                .build()) {
            for (int i = 0; i < JdkTransport.MAX_STUCK_THREADS; i++) {
                assertThat(failureInSelector(() -> transport.send(ClientRequest.get(secureUri()), PATIENT)))
                        .isInstanceOf(HungClientException.class);
            }

            assertThat(JdkTransport.stuckThreads()).isEqualTo(JdkTransport.MAX_STUCK_THREADS);
            int requests = plain.getRequestCount();
            assertThatThrownBy(() -> client.send(ClientRequest.get(plainUri()), ClientResponse::status))
                    .isInstanceOf(AuthException.class)
                    .hasMessageContaining("3 threads hang")
                    .hasMessageContaining("Restart this process");
            assertThat(plain.getRequestCount()).isEqualTo(requests);

            trust.release.countDown();
            await(() -> JdkTransport.stuckThreads() == 0);
            assertPlainSucceeds();
        }
    }

    /** A selector thread that waits for a peer's handshake is not in a task, so it is healthy. */
    @Test
    void send_peerThatIsSilent_costsNoClient() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            URI uri = URI.create("https://localhost:" + silent.getLocalPort() + "/");
            assertThatThrownBy(() ->
                            transport.send(ClientRequest.get(uri), new Timeouts(LONG, LONG, Duration.ofMillis(2_500))))
                    .isInstanceOf(HttpTimeoutException.class);
            try (Socket accepted = silent.accept()) {
                assertThat(accepted.isConnected()).isTrue();
            }
        }
        assertThat(JdkTransport.stuckThreads()).isZero();
    }

    /**
     * Sends until the handshake runs in the selector thread, and returns the failure. If the connection is there at
     * once, the JDK's client runs the handshake in the thread that sends.
     */
    private static Throwable failureInSelector(ThrowingCallable send) {
        Throwable failure;
        do {
            failure = catchThrowable(send);
        } while (String.valueOf(rootMessage(failure)).contains(BlockingTrust.OTHER_THREAD));
        return failure;
    }

    private static @Nullable String rootMessage(Throwable failure) {
        Throwable root = Throwables.getRootCause(failure);
        return root == null ? failure.getMessage() : root.getMessage();
    }

    private void assertPlainSucceeds() throws IOException, InterruptedException {
        plain.enqueue(new MockResponse.Builder().body("good").build());
        long before = System.nanoTime();
        try (var body = transport.send(ClientRequest.get(plainUri()), PATIENT).body()) {
            assertThat(new String(body.readAllBytes(), ISO_8859_1)).isEqualTo("good");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    }

    private URI plainUri() {
        return plain.url("/").uri();
    }

    private URI secureUri() {
        return URI.create("https://localhost:" + secure.getPort() + "/");
    }

    private static void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("waited too long").isNegative();
            new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
        }
    }

    /** Blocks every handshake in a selector thread until it is released, and refuses any other. */
    private static final class BlockingTrust extends X509ExtendedTrustManager {
        static final String OTHER_THREAD = "not the selector thread";

        final CountDownLatch release = new CountDownLatch(1);

        private void block() throws CertificateException {
            if (!Thread.currentThread().getName().endsWith("-SelectorManager")) {
                throw new CertificateException(OTHER_THREAD);
            }
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            block();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            block();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            block();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
