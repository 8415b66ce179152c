package io.alldocs.http.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.TransportOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Verifies what every {@link HttpTransport} must guarantee, such as its timeouts, and that it survives a server that
 * sends hostile bytes. Each hostile answer ends within the timeouts of its request, as a complete body or as a
 * {@link io.alldocs.http.RequestException}. It never causes a hang, another exception or a truncated body. The next
 * requests of the same transport succeed at once.
 *
 * <p>A subclass provides the transport; each answer is tested with a new one. The suite takes some seconds, because
 * many answers end only by a timeout.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class TransportContract extends ExchangeContract {

    private static final String GOOD = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n" + Trial.GOOD;

    /** Creates the contract; called by subclasses. */
    protected TransportContract() {}

    /**
     * Returns a new transport, which the contract closes.
     *
     * @param options HTTP/1.1, with a connect timeout
     */
    @Override
    protected abstract HttpTransport newTransport(TransportOptions options);

    @Test
    void send_invalidChunkSize_failsAndTheNextRequestsSucceed() throws Exception {
        verifyAll(HostileResponses.chunkSizes());
    }

    @Test
    void send_oddChunks_endAsTheyMust() throws Exception {
        verifyAll(HostileResponses.chunks());
    }

    @Test
    void send_invalidLength_endsAsSpecified() throws Exception {
        verifyAll(HostileResponses.lengths());
    }

    @Test
    void send_oddHeaders_endAsTheyMust() throws Exception {
        verifyAll(HostileResponses.headers());
    }

    @Test
    void send_invalidStatusLine_endsAsSpecified() throws Exception {
        verifyAll(HostileResponses.statusLines());
    }

    @Test
    void send_interimAnswers_endAsTheyMust() throws Exception {
        verifyAll(HostileResponses.interim());
    }

    @Test
    void send_answerThatIsCut_isNoWholeOne() throws Exception {
        verifyAll(HostileResponses.cuts());
    }

    @Test
    void send_slowBytes_endWithTheRequestsBound() throws Exception {
        verifyAll(HostileResponses.trickles());
    }

    @Test
    void send_bodyWhereNoneIsAllowed_isNotTheNextResponse() throws Exception {
        verifyAll(HostileResponses.forbiddenBodies());
    }

    @Test
    void send_bodyOfHead_isNotTheNextAnswer() throws Exception {
        verifyAll(HostileResponses.headBodies());
    }

    @Test
    void send_serverThatReadsNoBody_endsWithTheRequestsBound() throws Exception {
        ScriptedResponse silence = ScriptedResponse.broken("no answer", "").then(ScriptedResponse.After.SILENCE);
        try (Trial trial = trial();
                RawServer server = answering(silence)) {
            trial.assertEnds(silence, ClientRequest.put(server.uri("/hostile"), new byte[16 << 20]));
            trial.assertNextSucceed(server.uri("/good"));
        }
    }

    @Test
    void send_serverThatAcceptsNoConnection_endsWithTheConnectBound() throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // more connections than the backlog of the port, so that the next connection gets no answer
            for (int i = 0; i < 8; i++) {
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
        // The server waits for an empty line, which a handshake does not contain.
        try (Trial trial = trial();
                RawServer silent = answering(ScriptedResponse.broken("no answer", ""))) {
            URI https = URI.create(silent.uri("/").toString().replace("http:", "https:"));
            trial.assertEnds(ScriptedResponse.broken("no handshake", ""), ClientRequest.get(https));
            trial.assertNextSucceed(silent.uri("/good"));
        }
    }

    @Test
    void send_goodRequestsDuringHostileOnes_succeedInTheEnd() throws Exception {
        List<ScriptedResponse> hostile = HostileResponses.chunkSizes().limit(40).toList();
        AtomicInteger next = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (Trial trial = trial();
                BaseHttpClient retrying = trial.client(Trial.PATIENT, Trial.RETRYING);
                RawServer server = new RawServer((self, head, socket) ->
                        answer(hostile.get(next.getAndIncrement() % hostile.size()), self, head, socket))) {
            List<Future<String>> good = new ArrayList<>();
            for (ScriptedResponse answer : hostile) {
                pool.execute(() -> trial.outcome(answer, ClientRequest.get(server.uri("/hostile"))));
                good.add(pool.submit(() -> retrying.send(ClientRequest.get(server.uri("/good")), Trial::read)));
            }
            for (Future<String> each : good) {
                assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo("good");
            }
        } finally {
            pool.shutdownNow();
        }
    }

    /** A parser in an endless loop still uses a CPU core long after its request has failed. */
    @Test
    void send_hostileAnswers_leaveNoThreadBusy() throws Exception {
        verifyAll(HostileResponses.chunkSizes().filter(answer -> answer.after() == ScriptedResponse.After.CLOSE));
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

    private void verifyAll(Stream<ScriptedResponse> answers) {
        Trial.all(answers, this::verify);
    }

    /** Uses a new server and a new transport. */
    private void verify(ScriptedResponse answer) throws Exception {
        try (Trial trial = trial();
                RawServer server = answering(answer)) {
            URI uri = server.uri("/hostile");
            trial.assertEnds(answer, answer.method().equals("HEAD") ? ClientRequest.head(uri) : ClientRequest.get(uri));
            trial.assertNextSucceed(server.uri("/good"));
        }
    }

    private Trial trial() {
        return new Trial(newTransport(Trial.options().build()), RetryPolicy.none());
    }

    private static RawServer answering(ScriptedResponse answer) throws IOException {
        return new RawServer((server, head, socket) -> answer(answer, server, head, socket));
    }

    private static void answer(ScriptedResponse hostile, RawServer server, String head, Socket socket)
            throws IOException, InterruptedException {
        if (head.contains(" /good ")) {
            RawServer.write(socket, GOOD);
        } else {
            hostile.send(Wire.of(server, socket));
        }
    }

    private void assertFails(URI uri) {
        try (Trial trial = trial()) {
            trial.assertEnds(ScriptedResponse.broken(uri.toString(), ""), ClientRequest.get(uri));
        }
    }
}
