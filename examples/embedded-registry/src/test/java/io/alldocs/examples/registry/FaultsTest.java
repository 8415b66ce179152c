package io.alldocs.examples.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {
    private static EmbeddedRegistry registry;

    @BeforeAll
    static void start() {
        registry = EmbeddedRegistry.builder()
                .names(2_000)
                .mixedStates(false)
                .seed(4)
                .start();
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @AfterEach
    void switchOff() {
        registry.faults().clear();
    }

    private static HttpResponse<byte[]> get(String path, String... headers) throws IOException, InterruptedException {
        return Client.get(registry, path, headers);
    }

    @Test
    void tooManyRequests_withoutRetryAfter_isCloudflares() throws Exception {
        registry.faults().set(Fault.tooManyRequests(1));

        HttpResponse<byte[]> response = get("/_all_docs");

        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.body()).hasSize(16);
        assertThat(response.headers().firstValue("content-type").orElseThrow()).startsWith("text/plain");
        assertThat(response.headers().firstValue("cache-control")).hasValue("no-store");
        assertThat(response.headers().firstValue("connection")).hasValue("close");
        assertThat(response.headers().firstValue("retry-after")).isEmpty();
    }

    @Test
    void tooManyRequests_withRetryAfter_sendsSecondsOrDate() throws Exception {
        registry.faults().set(Fault.tooManyRequests(1).retryAfter(Duration.ofSeconds(30)));
        assertThat(get("/express").headers().firstValue("retry-after")).hasValue("30");

        registry.faults().set(Fault.tooManyRequests(1).retryAfter(Duration.ZERO));
        assertThat(get("/express").headers().firstValue("retry-after")).hasValue("0");

        registry.faults().set(Fault.tooManyRequests(1).retryAfterDate(Duration.ofMinutes(5)));
        String date = get("/express").headers().firstValue("retry-after").orElseThrow();
        assertThat(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant())
                .isBetween(Instant.now().plusSeconds(290), Instant.now().plusSeconds(301));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 408, 500, 502, 503, 504, 522, 599})
    void status_any_isAnsweredWithABody(int status) throws Exception {
        registry.faults().set(Fault.status(status, 1));

        HttpResponse<byte[]> response = get("/express");

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).isNotEmpty();
        assertThat(registry.faults().hits(Integer.toString(status))).isEqualTo(1);
    }

    @Test
    void status_withARate_hitsThatShareAndTheSameRequestsEachTime() throws Exception {
        List<Integer> first = statuses();
        List<Integer> second = statuses();

        assertThat(first).isEqualTo(second);
        assertThat(first.stream().filter(status -> status == 503).count()).isBetween(60L, 140L);
        assertThat(first.stream().filter(status -> status == 429).count()).isBetween(20L, 80L);
    }

    private static List<Integer> statuses() throws IOException, InterruptedException {
        registry.faults().set(Faults.parse("503=0.2,429=0.1"));
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            statuses.add(get("/_all_docs?limit=1").statusCode());
        }
        return statuses;
    }

    @Test
    void fault_forOneEndpoint_leavesTheOthersAlone() throws Exception {
        registry.faults().set(Fault.status(500, 1).on(Endpoint.PACKUMENT));
        registry.faults().set(Fault.status(500, 0).on(Endpoint.CHANGES));

        assertThat(get("/express").statusCode()).isEqualTo(500);
        assertThat(get("/_all_docs").statusCode()).isEqualTo(200);
        assertThat(get("/_changes").statusCode()).isEqualTo(200);
        assertThat(registry.faults().active()).hasSize(2);
        registry.faults().clear("packument.500");
        assertThat(get("/express").statusCode()).isEqualTo(200);
    }

    @Test
    void fault_afterAndTimes_boundIt() throws Exception {
        registry.faults().set(Fault.status(503, 1).after(1).times(2));

        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            statuses.add(get("/express").statusCode());
        }

        assertThat(statuses).containsExactly(200, 503, 503, 200, 200);
    }

    @Test
    void reset_always_breaksTheConnection() throws Exception {
        registry.faults().set(Fault.reset(1));

        try (Socket socket = ask("/express")) {
            assertThatThrownBy(() -> socket.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
        }
    }

    /** Sends a request on a separate connection, without a client that retries requests or hides faults. */
    private static Socket ask(String path, String... headers) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), registry.origin().getPort());
        socket.setSoTimeout(20_000);
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nhost: registry\r\n" + more + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String head(DataInputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    private static int declaredLength(String head) {
        return Integer.parseInt(head.replaceAll("(?s).*content-length: (\\d+).*", "$1"));
    }

    @Test
    void cut_always_sendsLessThanDeclared() throws Exception {
        registry.faults().set(Fault.cut(1));

        try (Socket socket = ask("/express")) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int declared = declaredLength(head(in));
            assertThat(in.readAllBytes().length).isPositive().isLessThan(declared);
        }
        assertThatThrownBy(() -> get("/express")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> get("/_all_docs", "accept-encoding", "gzip")).isInstanceOf(IOException.class);
    }

    @Test
    void cutChunked_always_endsWithoutTheLastChunk() throws Exception {
        registry.faults().set(Fault.cutChunked(1));

        try (Socket socket = ask("/express")) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertThat(head(in)).contains("transfer-encoding: chunked").doesNotContain("content-length");
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).doesNotEndWith("0\r\n\r\n");
        }
        assertThatThrownBy(() -> get("/express")).isInstanceOf(IOException.class);
    }

    @Test
    void cutGzip_always_isAWholeAnswerOfHalfAMember() throws Exception {
        registry.faults().set(Fault.cutGzip(1));

        HttpResponse<byte[]> response = get("/express", "accept-encoding", "gzip");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValueAsLong("content-length")).hasValue(response.body().length);
        assertThatThrownBy(() -> Client.gunzip(response.body()))
                .isInstanceOfAny(EOFException.class, ZipException.class);
        HttpResponse<byte[]> plain = get("/express");
        assertThatThrownBy(() -> Client.parse(plain.body())).isInstanceOf(IOException.class);
    }

    @Test
    void stall_always_sendsNothing() throws Exception {
        registry.faults().set(Fault.stall(1));

        assertThatThrownBy(() -> Client.http()
                        .send(
                                Client.request(registry, "/express")
                                        .timeout(Duration.ofMillis(300))
                                        .build(),
                                HttpResponse.BodyHandlers.discarding()))
                .isInstanceOf(HttpTimeoutException.class);
    }

    @Test
    void stall_shortened_answersInTheEnd() throws Exception {
        registry.faults().set(Fault.stall(1).lasting(Duration.ofMillis(200)));

        long start = System.nanoTime();
        assertThat(get("/express").body())
                .isEqualTo(registry.packument("express").orElseThrow());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(190));
    }

    @Test
    void stallBody_always_sendsHeadersAndHalfOfTheBody() throws Exception {
        registry.faults().set(Fault.stallBody(1));

        try (Socket socket = ask("/express")) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int half = declaredLength(head(in)) / 2;
            assertThat(in.readNBytes(half)).hasSize(half);
            socket.setSoTimeout(200);
            assertThatThrownBy(in::read).isInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    @Test
    void stallBody_shortened_deliversTheRest() throws Exception {
        registry.faults().set(Fault.stallBody(1).lasting(Duration.ofMillis(150)));

        assertThat(get("/express").body())
                .isEqualTo(registry.packument("express").orElseThrow());
    }

    @Test
    void trickle_fastEnough_deliversTheWholeBodySlowly() throws Exception {
        int size = registry.packument("express").orElseThrow().length;
        registry.faults().set(Fault.trickle(1).bytesPerSecond(size * 2));

        long start = System.nanoTime();
        assertThat(get("/express").body()).hasSize(size);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(350));
    }

    @Test
    void latency_always_delaysEveryAnswer() throws Exception {
        registry.faults().set(Fault.latency(Duration.ofMillis(120)));

        long start = System.nanoTime();
        get("/");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(110));
    }

    @Test
    void latency_requestsOnOneConnection_areAnsweredInTheirOrder() throws Exception {
        registry.faults().set(Fault.latency(Duration.ofMillis(30)));

        try (Socket socket = ask("/_all_docs?limit=1")) {
            socket.getOutputStream()
                    .write(
                            "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /no-such HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(all).containsSubsequence("total_rows", "db_name", "Not found");
        }
    }

    @Test
    void wrongJson_inTurn_isEmptyHtmlAndOtherJson() throws Exception {
        registry.faults().set(Fault.wrongJson(1));

        Set<String> bodies = new TreeSet<>();
        for (int i = 0; i < 3; i++) {
            HttpResponse<byte[]> response = get("/_all_docs");
            assertThat(response.statusCode()).isEqualTo(200);
            bodies.add(new String(response.body(), StandardCharsets.UTF_8));
        }

        assertThat(bodies).hasSize(3).contains("").anyMatch(body -> body.startsWith("<!DOCTYPE html>"));
        assertThat(bodies).anyMatch(body -> body.startsWith("{") && !body.contains("rows"));
    }

    @Test
    void html_always_makesTheOriginAWebSite() throws Exception {
        registry.faults().set(Fault.html(1));

        for (String path : List.of("/", "/_all_docs", "/_changes", "/express")) {
            assertThat(get(path).headers().firstValue("content-type").orElseThrow())
                    .startsWith("text/html");
        }
    }

    @Test
    void pageCap_belowTheLimit_cutsPagesSilently() throws Exception {
        registry.faults().set(Fault.pageCap(300));

        assertThat(Client.json(registry, "/_all_docs?limit=1000").path("rows")).hasSize(300);
        assertThat(Client.json(registry, "/_changes?limit=1000").path("results"))
                .hasSize(300);
    }

    @Test
    void offsets_ofOtherCouchDbs_areZeroOrNull() throws Exception {
        String path = "/_all_docs?limit=1&startkey=" + Client.key("m");
        registry.faults().set(Fault.zeroOffset());
        assertThat(Client.json(registry, path).path("offset").asInt(-1)).isZero();

        registry.faults().clear();
        registry.faults().set(Fault.nullOffset());
        assertThat(Client.json(registry, path).path("offset").isNull()).isTrue();
    }

    @Test
    void drift_duringAWalk_changesNamesAndTheFeed() throws Exception {
        try (EmbeddedRegistry drifting = EmbeddedRegistry.builder()
                .names(500)
                .faults(Faults.parse("drift"))
                .start()) {
            List<String> before = drifting.names();
            long since = drifting.updateSeq();

            for (int i = 0; i < 10; i++) {
                Client.json(drifting, "/_all_docs?limit=10");
            }

            List<String> gone = new ArrayList<>(before);
            gone.removeAll(drifting.names());
            List<String> come = new ArrayList<>(drifting.names());
            come.removeAll(before);
            assertThat(gone).isNotEmpty();
            assertThat(come).isNotEmpty().hasSameSizeAs(gone);
            assertThat(Client.ids(Client.json(drifting, "/_changes?since=" + since)))
                    .containsAll(gone)
                    .containsAll(come);
        }
    }

    @Test
    void sequenceReset_afterSomeRequests_happensOnce() throws Exception {
        try (EmbeddedRegistry restarting = EmbeddedRegistry.builder()
                .names(300)
                .faults(Faults.parse("sequence-reset=2"))
                .start()) {
            long highest = restarting.updateSeq();
            List<Long> sequences = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                sequences.add(Client.json(restarting, "/").path("update_seq").asLong());
            }

            assertThat(sequences.subList(0, 2)).containsOnly(highest);
            assertThat(sequences.get(2)).isLessThan(highest).isEqualTo(sequences.get(3));
        }
    }

    @Test
    void no304_always_answers200WithTheSameTag() throws Exception {
        String etag = registry.etag("express").orElseThrow();
        registry.faults().set(Fault.no304());

        HttpResponse<byte[]> response = get("/express", "if-none-match", etag);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("etag")).hasValue(etag);
        assertThat(response.body()).isNotEmpty();
    }

    @Test
    void faults_combined_eachShow() throws Exception {
        registry.faults().set(Faults.parse("all-docs.429=0.3,503=0.3,page-cap=5,zero-offset,latency=1ms"));

        for (int i = 0; i < 40; i++) {
            HttpResponse<byte[]> response = get("/_all_docs?startkey=" + Client.key("x"));
            if (response.statusCode() == 200) {
                JsonNode page = Client.parse(response.body());
                assertThat(page.path("rows")).hasSize(5);
                assertThat(page.path("offset").asInt(-1)).isZero();
            }
        }
        assertThat(registry.faults().hits("all-docs.429")).isPositive();
        assertThat(registry.faults().hits("503")).isPositive();
    }

    @Test
    void close_withStalledRequests_returnsAtOnce() throws Exception {
        EmbeddedRegistry stalling = EmbeddedRegistry.builder()
                .names(10)
                .faults(List.of(Fault.stall(1)))
                .start();
        CompletableFuture<HttpResponse<byte[]>> waiting =
                Client.http().sendAsync(Client.request(stalling, "/").build(), HttpResponse.BodyHandlers.ofByteArray());
        while (stalling.requests().total() == 0) {
            Thread.onSpinWait();
        }

        long start = System.nanoTime();
        stalling.close();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
        assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        try (EmbeddedRegistry again = EmbeddedRegistry.builder()
                .names(10)
                .port(stalling.origin().getPort())
                .start()) {
            assertThat(Client.json(again, "/").path("doc_count").asInt()).isEqualTo(10);
        }
    }
}
