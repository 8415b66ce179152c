package io.alldocs.http.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.Timeouts;
import io.alldocs.http.TransportOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Verifies that an {@link HttpTransport} with HTTP/2 survives a server that sends hostile frames over TLS and HTTP/2.
 * As in {@link TransportContract}, each such answer ends within the timeouts of its request, as a complete body or as a
 * {@link io.alldocs.http.RequestException}. The next requests of the same transport succeed at once, even if the
 * connection has become unusable.
 *
 * <p>A subclass provides the transport; each answer is tested with a new one.
 */
@Timeout(value = 90, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class Http2Contract {

    /** Creates the contract; called by subclasses. */
    protected Http2Contract() {}

    /**
     * Returns a new transport, which the contract closes.
     *
     * @param options HTTP/2 with 8 streams, a connect bound of 2 s, and an SSL context that trusts the contract's
     *     server alone
     */
    protected abstract HttpTransport newTransport(TransportOptions options);

    @Test
    void send_oddFrames_endAsTheyMust() {
        verifyAll(Http2Responses.frames());
    }

    @Test
    void send_dataThatDiffersFromItsLength_isNoWholeBody() {
        verifyAll(Http2Responses.lengths());
    }

    @Test
    void send_resetOfTheStream_endsTheRequest() {
        verifyAll(Http2Endings.resets());
    }

    @Test
    void send_goAway_endsAsItMust() {
        verifyAll(Http2Endings.goAways());
    }

    @Test
    void send_silence_endsWithABound() {
        verifyAll(Http2Endings.silences());
    }

    @Test
    void send_slowFrames_endWithTheRequestsBound() {
        verifyAll(Http2Endings.trickles());
    }

    @Test
    void send_framesWithoutEnd_endWithTheRequestsBound() {
        Trial.all(Http2Endings.floods(), 3, answer -> verify(new Hostile(answer, true)));
    }

    @Test
    void send_hugeHeaders_endAsTheyMust() {
        verifyAll(Http2Fields.headerBombs());
    }

    @Test
    void send_invalidHeaderBlock_fails() {
        verifyAll(Http2Fields.headerBlocks());
    }

    @Test
    void send_oddFields_endAsTheyMust() {
        verifyAll(Http2Fields.fields());
    }

    @Test
    void send_framesOfOtherStreams_endAsTheyMust() {
        verifyAll(Http2Streams.streams());
    }

    @Test
    void send_windowsAndSettingsThatAreNone_endAsTheyMust() {
        verifyAll(Http2Responses.windowsAndSettings());
    }

    @Test
    void send_interimAnswersAndTrailers_endAsTheyMust() {
        verifyAll(Http2Fields.interimAndTrailers());
    }

    @Test
    void send_bodyWhereNoneIsAllowed_isIgnored() {
        verifyAll(Http2Fields.forbiddenBodies());
    }

    @Test
    void send_connectionThatIsCut_failsTheRequest() {
        verifyAll(Http2Endings.cuts());
    }

    @Test
    void send_firstBytesThatAreNoHttp2_failTheRequest() {
        Trial.all(
                Http2Endings.greetings(),
                answer -> verify(new Hostile(answer, false) {
                    @Override
                    public void greet(Wire wire) throws IOException, InterruptedException {
                        if (isHostile()) {
                            answer.send(wire);
                        } else {
                            super.greet(wire);
                        }
                    }

                    @Override
                    void hostile(Wire wire) throws IOException {
                        wire.write(Frames.whole(wire.stream(), "body"));
                    }
                }));
    }

    @Test
    void send_serverThatOpensNoWindow_endsWithTheRequestsBound() throws Exception {
        ScriptedResponse silence = ScriptedResponse.broken("no window", "");
        Hostile talk = new Hostile(silence, true);
        try (Trial trial = trial();
                Http2Server server = new Http2Server(talk)) {
            trial.assertGood(server.uri());
            talk.begin();
            trial.assertEnds(silence, ClientRequest.put(server.uri(), new byte[16 << 20]));
            talk.end();
            trial.assertNextSucceed(server.uri());
        }
    }

    /** Uses one connection: the failure of one stream must not affect the others, unless the connection ends. */
    @Test
    void send_goodRequestsDuringHostileOnes_succeedInTheEnd() throws Exception {
        List<ScriptedResponse> hostile = Stream.of(
                        Http2Responses.lengths(), Http2Endings.resets(), Http2Fields.fields(), Http2Endings.goAways())
                .flatMap(answers -> answers)
                .filter(answer -> answer.after() != ScriptedResponse.After.SILENCE)
                .toList();
        AtomicInteger next = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (Trial trial = trial();
                BaseHttpClient retrying = trial.client(
                        new Timeouts(Trial.HASTY.connect(), Duration.ofSeconds(10), Duration.ofSeconds(1)),
                        new RetryPolicy(30, Duration.ofMillis(5), Duration.ofMillis(50)));
                Http2Server server = new Http2Server(wire -> {
                    int request = next.getAndIncrement();
                    if (request % 4 == 0) {
                        hostile.get(request / 4 % hostile.size()).send(wire);
                    } else {
                        wire.write(Frames.whole(wire.stream(), Trial.GOOD));
                    }
                })) {
            List<Future<String>> good = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                good.add(pool.submit(() -> retrying.send(ClientRequest.get(server.uri()), Trial::read)));
            }
            for (Future<String> each : good) {
                assertThat(each.get(30, TimeUnit.SECONDS)).isIn(Trial.GOOD, "body", "");
            }
        } finally {
            pool.shutdownNow();
        }
    }

    /** Uses a connection that has served a request before, so that the time of the handshake does not count. */
    private void verifyAll(Stream<ScriptedResponse> answers) {
        Trial.all(answers, answer -> verify(new Hostile(answer, true)));
    }

    private void verify(Hostile talk) throws Exception {
        ScriptedResponse answer = talk.answer;
        try (Trial trial = trial();
                Http2Server server = new Http2Server(talk)) {
            URI uri = server.uri();
            if (talk.servesBefore) {
                trial.assertGood(uri);
                assertThat(server.connections()).as("connections over HTTP/2").isOne();
            }
            talk.begin();
            trial.assertEnds(answer, answer.method().equals("HEAD") ? ClientRequest.head(uri) : ClientRequest.get(uri));
            talk.end();
            trial.assertNextSucceed(uri);
        }
    }

    private Trial trial() {
        TransportOptions options =
                Trial.options().sslContext(Http2Server.TLS).http2(8).build();
        return new Trial(newTransport(options), Trial.RETRYING);
    }

    /** Sends a hostile answer to every request between {@code begin} and {@code end}. */
    private static class Hostile implements Http2Server.Talk {
        final ScriptedResponse answer;
        final boolean servesBefore;
        private volatile boolean isHostile;

        Hostile(ScriptedResponse answer, boolean servesBefore) {
            this.answer = answer;
            this.servesBefore = servesBefore;
        }

        @Override
        public final void response(Wire wire) throws IOException, InterruptedException {
            if (isHostile) {
                hostile(wire);
            } else {
                wire.write(Frames.whole(wire.stream(), Trial.GOOD));
            }
        }

        void hostile(Wire wire) throws IOException, InterruptedException {
            answer.send(wire);
        }

        final void begin() {
            isHostile = true;
        }

        final void end() {
            isHostile = false;
        }

        final boolean isHostile() {
            return isHostile;
        }
    }
}
