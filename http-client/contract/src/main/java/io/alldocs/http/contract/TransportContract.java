package io.alldocs.http.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.HttpCall;
import io.alldocs.http.HttpReply;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.RequestException;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.Timeouts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link HttpTransport} must survive: a server that answers with hostile bytes. Each such answer ends within the timeouts of its request, as a whole
 * body or as a {@link RequestException}, never as a hang, another exception or half a body. The next requests of the same transport succeed at once.
 *
 * <p>A subclass gives the transport; each answer is tried with one of its own. The suite takes some seconds, because many answers end only by a timeout.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class TransportContract {

    /** The bounds of a request that meets a hostile answer: connect 2 s, the whole request 1.5 s, silence 500 ms. */
    protected static final Timeouts HASTY =
            new Timeouts(Duration.ofSeconds(2), Duration.ofMillis(1_500), Duration.ofMillis(500));

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Timeouts PATIENT = new Timeouts(LONG, LONG, LONG);

    /** Answers that are tried at the same time. */
    private static final int WORKERS = 12;

    /** How much later than its bound a request may end: what a busy machine needs. */
    private static final Duration SLACK = Duration.ofSeconds(4);

    /** A request that a healthy server answers takes milliseconds; a transport that waits for a bound of its own takes longer than this. */
    private static final Duration AT_ONCE = Duration.ofSeconds(4);

    private static final String GOOD = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood";

    /** For subclasses. */
    protected TransportContract() {}

    /** A new transport for HTTP/1.1, with a connect bound of 2 s. The contract closes it. */
    protected abstract HttpTransport newTransport();

    @Test
    void send_chunkSizeThatIsNone_failsAndTheNextRequestsSucceed() throws Exception {
        verifyAll(HostileAnswers.chunkSizes());
    }

    @Test
    void send_oddChunks_endAsTheyMust() throws Exception {
        verifyAll(HostileAnswers.chunks());
    }

    @Test
    void send_lengthThatIsNone_endsAsItMust() throws Exception {
        verifyAll(HostileAnswers.lengths());
    }

    @Test
    void send_oddHeaders_endAsTheyMust() throws Exception {
        verifyAll(HostileAnswers.headers());
    }

    @Test
    void send_statusLineThatIsNone_endsAsItMust() throws Exception {
        verifyAll(HostileAnswers.statusLines());
    }

    @Test
    void send_interimAnswers_endAsTheyMust() throws Exception {
        verifyAll(HostileAnswers.interim());
    }

    @Test
    void send_answerThatIsCut_isNoWholeOne() throws Exception {
        verifyAll(HostileAnswers.cuts());
    }

    @Test
    void send_slowBytes_endWithTheRequestsBound() throws Exception {
        verifyAll(HostileAnswers.trickles());
    }

    @Test
    void send_bodyWhereNoneIsAllowed_isNotTheNextAnswer() throws Exception {
        verifyAll(HostileAnswers.forbiddenBodies());
    }

    @Test
    void send_bodyOfHead_isNotTheNextAnswer() throws Exception {
        verifyAll(HostileAnswers.headBodies());
    }

    @Test
    void send_serverThatReadsNoBody_endsWithTheRequestsBound() throws Exception {
        Answer silence = Answer.broken("no answer", "").then(Answer.After.SILENCE);
        try (Clients clients = new Clients(newTransport());
                RawServer server = answering(silence)) {
            assertEnds(clients, silence, HttpCall.put(server.uri("/hostile"), new byte[16 << 20]));
            assertNextSucceed(clients, server);
        }
    }

    @Test
    void send_serverThatAcceptsNoConnection_endsWithTheConnectBound() throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 8; i++) { // more than the queue of the port holds, so that the next one gets no answer
                SocketChannel channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.connect(full.getLocalSocketAddress());
                waiting.add(channel.socket());
            }
            assertFails(URI.create("http://127.0.0.1:" + full.getLocalPort() + "/"));
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    @Test
    void send_closedPort_fails() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertFails(URI.create("http://127.0.0.1:" + port + "/"));
    }

    @Test
    void send_tlsHandshakeThatGetsNoAnswer_endsWithTheBound() throws Exception {
        // The server waits for an empty line, which no handshake has.
        try (Clients clients = new Clients(newTransport());
                RawServer silent = answering(Answer.broken("no answer", ""))) {
            URI https = URI.create(silent.uri("/").toString().replace("http:", "https:"));
            assertEnds(clients, Answer.broken("no handshake", ""), HttpCall.get(https));
            assertNextSucceed(clients, silent);
        }
    }

    @Test
    void send_goodRequestsBesideHostileOnes_succeedInTheEnd() throws Exception {
        List<Answer> hostile = HostileAnswers.chunkSizes().limit(40).toList();
        AtomicInteger next = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (Clients clients = new Clients(newTransport());
                BaseHttpClient retrying =
                        clients.build(PATIENT, new RetryPolicy(5, Duration.ofMillis(10), Duration.ofMillis(100)));
                RawServer server = new RawServer((self, head, socket) -> {
                    if (isGood(head)) {
                        RawServer.write(socket, GOOD);
                    } else {
                        hostile.get(next.getAndIncrement() % hostile.size()).send(self, socket);
                    }
                })) {
            List<Future<String>> good = new ArrayList<>();
            for (Answer answer : hostile) {
                pool.execute(() -> outcome(clients, answer, HttpCall.get(server.uri("/hostile"))));
                good.add(pool.submit(() -> retrying.send(HttpCall.get(server.uri("/good")), TransportContract::read)));
            }
            for (Future<String> each : good) {
                assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo("good");
            }
        } finally {
            pool.shutdownNow();
        }
    }

    /** A parser that loops burns a core long after its request has failed. */
    @Test
    void send_hostileAnswers_leaveNoThreadBusy() throws Exception {
        verifyAll(HostileAnswers.chunkSizes().filter(answer -> answer.after() == Answer.After.CLOSE));
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long[] ids = threads.getAllThreadIds();
        long[] before = LongStream.of(ids).map(threads::getThreadCpuTime).toArray();
        assertThat(new CountDownLatch(1).await(1, TimeUnit.SECONDS)).isFalse();
        for (int i = 0; i < ids.length; i++) {
            ThreadInfo info = threads.getThreadInfo(ids[i], 20);
            long used = threads.getThreadCpuTime(ids[i]) - before[i];
            assertThat(Duration.ofNanos(Math.max(0, used)))
                    .as(() -> "CPU of one second that this thread used: " + info)
                    .isLessThan(Duration.ofMillis(200));
        }
    }

    /** Many at the same time, each with a server and a transport of its own, because most of them wait for a timeout. */
    private void verifyAll(Stream<Answer> answers) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(WORKERS);
        try {
            List<Answer> all = answers.toList();
            List<Future<Void>> ends = new ArrayList<>();
            for (Answer answer : all) {
                ends.add(pool.submit(() -> verify(answer)));
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

    private Void verify(Answer answer) throws Exception {
        try (Clients clients = new Clients(newTransport());
                RawServer server = answering(answer)) {
            assertEnds(
                    clients,
                    answer,
                    answer.method().equals("HEAD")
                            ? HttpCall.head(server.uri("/hostile"))
                            : HttpCall.get(server.uri("/hostile")));
            assertNextSucceed(clients, server);
            return null;
        }
    }

    private static RawServer answering(Answer answer) throws IOException {
        return new RawServer((server, head, socket) -> {
            if (isGood(head)) {
                RawServer.write(socket, GOOD);
            } else {
                answer.send(server, socket);
            }
        });
    }

    private static boolean isGood(String head) {
        return head.contains(" /good ");
    }

    private static void assertEnds(Clients clients, Answer answer, HttpCall call) {
        long before = System.nanoTime();
        Optional<String> body = outcome(clients, answer, call);
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .as("time until the request ended")
                .isLessThan(HASTY.request().plus(SLACK));
        if (body.isPresent() || !answer.mayFail()) {
            assertThat(body)
                    .as("the body that was taken for a whole one")
                    .isEqualTo(Optional.ofNullable(answer.whole()));
        }
    }

    /** The body; empty if the request failed as it should. */
    private static Optional<String> outcome(Clients clients, Answer answer, HttpCall call) {
        try {
            return Optional.of(clients.hasty.send(call, TransportContract::read));
        } catch (RequestException e) {
            assertThat(e).as(answer.name()).hasMessageContaining(call.uri().toString());
            return Optional.empty();
        }
    }

    private void assertFails(URI uri) {
        try (Clients clients = new Clients(newTransport())) {
            assertEnds(clients, Answer.broken(uri.toString(), ""), HttpCall.get(uri));
        }
    }

    /** One after another, so that each connection that is left is used again, and then some at the same time. */
    private static void assertNextSucceed(Clients clients, RawServer server) throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(good(clients, server)).isLessThan(AT_ONCE);
        }
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            List<Future<Duration>> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                all.add(pool.submit(() -> good(clients, server)));
            }
            for (Future<Duration> each : all) {
                assertThat(each.get()).isLessThan(AT_ONCE);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static Duration good(Clients clients, RawServer server) {
        long before = System.nanoTime();
        assertThat(clients.patient.send(HttpCall.get(server.uri("/good")), TransportContract::read))
                .as("answer to the next request")
                .isEqualTo("good");
        return Duration.ofNanos(System.nanoTime() - before);
    }

    private static String read(HttpReply reply) throws IOException {
        return new String(reply.body().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Two clients over one transport: one for hostile answers, one for the requests after them. */
    private static final class Clients implements AutoCloseable {
        final BaseHttpClient hasty;
        final BaseHttpClient patient;
        private final HttpTransport transport;

        Clients(HttpTransport transport) {
            this.transport = transport;
            this.hasty = build(HASTY, RetryPolicy.none());
            this.patient = build(PATIENT, RetryPolicy.none());
        }

        BaseHttpClient build(Timeouts timeouts, RetryPolicy retry) {
            return BaseHttpClient.builder()
                    .transport(transport)
                    .timeouts(timeouts)
                    .limiters(HostLimiters.create())
                    .retry(retry)
                    .build();
        }

        @Override
        public void close() {
            transport.close();
        }
    }
}
