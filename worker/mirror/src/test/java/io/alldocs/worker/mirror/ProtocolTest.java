package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.packument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.entry.EntryMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the HTTP protocol with misbehaving clients. */
@Timeout(120)
class ProtocolTest {
    /** Exceeds the buffers between two sockets. */
    private static final int LARGE_BYTES = 24 << 20;

    @Test
    void pipelinedRequests_areAnsweredInTheirOrder() throws IOException {
        try (Bench bench = new Bench();
                RawClient client = new RawClient(bench.mirror.address())) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                bench.store("p" + i, packument("p" + i, "1.0.0"), head -> head.outcome("ok"));
                requests.append("GET /p")
                        .append(i)
                        .append(i % 3 == 0 ? "/latest" : "")
                        .append(" HTTP/1.1\r\nhost: a\r\n\r\n");
            }
            client.send(requests.toString());

            for (int i = 0; i < 200; i++) {
                RawClient.Answer answer = client.answer();
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.text()).contains("\"name\":\"p" + i + "\"");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /%s HTTP/1.1\r\nhost: a\r\n\r\n>414",
                "GET / HTTP/1.1\r\nx: %s\r\n\r\n>431",
                "nonsense\r\n\r\n>400",
                "GET / HTTP/1.1\r\n: x\r\n\r\n>400",
                "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n>400",
                "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\ncontent-length: 35\r\n\r\n>400",
                "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n>400",
                "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n>400"
            })
    void requestThatCannotBeRead_isRefused_andEndsItsConnection(String case_) throws IOException {
        String[] parts = case_.split(">", 2);
        try (Bench bench = new Bench();
                RawClient client = new RawClient(bench.mirror.address())) {
            client.send(String.format(parts[0], "a".repeat(9_000)));
            RawClient.Answer answer = client.answer();

            assertThat(answer.status()).isEqualTo(Integer.parseInt(parts[1]));
            assertThat(answer.has("connection: close")).isTrue();
            assertThat(answer.text()).startsWith("{\"error\":");
            assertThat(client.isEnded()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zz\r\n{}\r\n0\r\n\r\n", "ffffffffffffffff\r\n{}", "0\r\nx: %s\r\n\r\n"})
    void audit_whoseChunksCannotBeRead_isRefused_andEndsItsConnection(String chunks) throws IOException {
        try (Bench bench = new Bench();
                RawClient client = new RawClient(bench.mirror.address())) {
            client.send("POST /-/npm/v1/security/audits HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
            client.send("2\r\n{}\r\n" + chunks.replace("%s", "a".repeat(9_000)));

            assertThat(client.answer().status()).isEqualTo(400);
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void clientThatExpects100Continue_receivesIt() throws IOException {
        try (Bench bench = new Bench();
                RawClient client = new RawClient(bench.mirror.address())) {
            client.send("POST /-/npm/v1/security/audits HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n");
            client.send("expect: 100-continue\r\n\r\n");
            assertThat(client.answerWithoutBody().status()).isEqualTo(100);

            assertThat(client.send("{}").answer().status()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "lib", "-/ping"})
    void invalidAddress_isNotFound(String address) throws IOException {
        try (Bench bench = new Bench();
                RawClient client = new RawClient(bench.mirror.address())) {
            assertThat(client.send("GET " + address + " HTTP/1.1\r\nhost: a\r\n\r\n")
                            .answer()
                            .status())
                    .isEqualTo(404);
        }
    }

    @Test
    void bodies_areNotRead() throws IOException {
        try (Bench bench = new Bench();
                RawClient put = new RawClient(bench.mirror.address());
                RawClient get = new RawClient(bench.mirror.address())) {
            put.send("PUT /express HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n{");
            assertThat(put.answer().status()).isEqualTo(405);
            assertThat(put.isEnded()).isTrue();

            get.send("GET /-/ping HTTP/1.1\r\nhost: a\r\ncontent-length: 30\r\n\r\nGET /nothing HTTP/1.1\r\n\r\n.....");
            assertThat(get.answer().status()).isEqualTo(200);
            assertThat(get.isEnded()).isTrue();
        }
    }

    @Test
    void connections_areKeptOrClosedAsTheClientSays() throws IOException {
        try (Bench bench = new Bench();
                RawClient kept = new RawClient(bench.mirror.address());
                RawClient closed = new RawClient(bench.mirror.address());
                RawClient old = new RawClient(bench.mirror.address());
                RawClient oldKept = new RawClient(bench.mirror.address())) {
            for (int i = 0; i < 3; i++) {
                assertThat(kept.send("GET http://a.example/-/ping HTTP/1.1\r\nhost: a\r\n\r\n")
                                .answer()
                                .text())
                        .isEqualTo("{}");
                RawClient.Answer again = oldKept.send("GET /-/ping HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
                        .answer();
                assertThat(again.has("connection: keep-alive")).isTrue();
            }
            RawClient.Answer last = closed.send("GET /-/ping HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
                    .answer();
            assertThat(last.has("connection: close")).isTrue();
            assertThat(closed.isEnded()).isTrue();
            assertThat(old.send("GET /-/ping HTTP/1.0\r\n\r\n").answer().status())
                    .isEqualTo(200);
            assertThat(old.isEnded()).isTrue();
        }
    }

    @Test
    void bodyOfUnknownLength_isChunkedForHttp11_andEndsTheConnectionOfHttp10() throws IOException {
        String document = packument("big", "1.0.0").replace("long", "x".repeat(500_000));
        try (Bench bench = new Bench();
                RawClient client = new RawClient(bench.mirror.address());
                RawClient old = new RawClient(bench.mirror.address())) {
            bench.store("big", document, head -> head.outcome("ok"));

            RawClient.Answer chunked =
                    client.send("GET /big HTTP/1.1\r\nhost: a\r\n\r\n").answer();
            RawClient.Answer head = client.send("HEAD /big HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
                    .answerWithoutBody();
            RawClient.Answer whole = old.send("GET /big HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
                    .answer();

            assertThat(chunked.has("transfer-encoding: chunked")).isTrue();
            assertThat(chunked.text()).isEqualTo(document);
            assertThat(head.status()).isEqualTo(200);
            assertThat(whole.has("connection: close")).isTrue();
            assertThat(whole.text()).isEqualTo(document);
        }
    }

    @Test
    void connectionsBeyondTheBound_areRefused() throws IOException {
        List<RawClient> clients = new ArrayList<>();
        try (Bench bench = bench(builder -> builder.maxConnections(3))) {
            for (int i = 0; i < 3; i++) {
                RawClient client = new RawClient(bench.mirror.address());
                clients.add(client);
                assertThat(client.send("GET /-/ping HTTP/1.1\r\nhost: a\r\n\r\n")
                                .answer()
                                .status())
                        .isEqualTo(200);
            }
            try (RawClient fourth = new RawClient(bench.mirror.address())) {
                RawClient.Answer refusal = fourth.answer();
                assertThat(refusal.status()).isEqualTo(503);
                assertThat(refusal.has("retry-after: 1")).isTrue();
                assertThat(fourth.isEnded()).isTrue();
            }
            clients.remove(0).close();
            await(() -> Bench.sample(bench.mirror, "connections") == 2);
            try (RawClient next = new RawClient(bench.mirror.address())) {
                assertThat(next.send("GET /-/ping HTTP/1.1\r\nhost: a\r\n\r\n")
                                .answer()
                                .status())
                        .isEqualTo(200);
            }
        } finally {
            clients.forEach(RawClient::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /-/ping HTTP/1.1\r\nhost: a\r\n", "GET /-/ping HTTP/1.1\r\nhost: a\r\n\r\n"})
    void connectionWithoutAWholeRequest_isClosedInTime(String sent) {
        try (Bench bench = bench(builder -> builder.idleTimeout(Duration.ofMillis(200)));
                RawClient client = new RawClient(bench.mirror.address())) {
            assertThat(client.send(sent).isEnded()).isTrue();
        }
    }

    @Test
    void clientThatDoesNotRead_losesItsConnection_andWhatItHeld() {
        try (Bench bench = bench(builder -> builder.writeTimeout(Duration.ofMillis(300)));
                RawClient stuck = new RawClient(bench.mirror.address(), 4096)) {
            bench.store("large", large(), head -> head.outcome("ok"));
            stuck.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n");

            await(() -> Bench.sample(bench.mirror, "slow_clients_total") == 1);
            await(() -> Bench.sample(bench.mirror, "connections") == 0);
            assertThat(bench.get("/-/ping").statusCode()).isEqualTo(200);
        }
    }

    /** Two clients that are slow themselves, one after the other, show that the write timeout has elapsed. */
    @Test
    void clientThatWaitsForTheStore_doesNotCountAsSlow() throws Exception {
        URI registry = URI.create("https://registry.npmjs.com");
        CacheKey key = CacheKey.packument(registry, "waiting");
        HoldingDriver driver = new HoldingDriver(key.toString());
        byte[] document = packument("waiting", "1.0.0")
                .replace("long", "x".repeat(2 << 20))
                .getBytes(StandardCharsets.UTF_8);
        try (Bench bench = new Bench(
                        registry,
                        driver,
                        builder -> builder.memoryBytes(64 * 1024).writeTimeout(Duration.ofMillis(300)));
                RawClient waiting = new RawClient(bench.mirror.address())) {
            bench.store("large", large(), head -> head.outcome("ok"));
            bench.put(key, document, null, EntryMetadata.builder().status(200).outcome("ok"));
            waiting.send("GET /waiting HTTP/1.1\r\nhost: a\r\n\r\n");
            driver.awaitReader();
            for (int i = 1; i <= 2; i++) {
                int slow = i;
                try (RawClient stuck = new RawClient(bench.mirror.address(), 4096)) {
                    stuck.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n");
                    await(() -> Bench.sample(bench.mirror, "slow_clients_total") >= slow);
                }
            }
            assertThat(Bench.sample(bench.mirror, "slow_clients_total")).isEqualTo(2);
            driver.letGo();

            assertThat(waiting.answerWithoutBody().status()).isEqualTo(200);
        }
    }

    @Test
    void whoWatchesTheMirror_isAnswered_whenNoMemoryIsLeft() {
        try (Bench bench = bench(builder -> {
            builder.memoryBytes = 0;
            return builder;
        })) {
            bench.store("pad", packument("pad", "1.0.0"), head -> head.outcome("ok"));

            assertThat(bench.get("/pad", "accept-encoding", "gzip").statusCode())
                    .isEqualTo(200); // read for this client only
            assertThat(bench.get("/pad/1.0.0").statusCode()).isEqualTo(503);
            for (String path : List.of("/", "/-/ping", "/-/health", "/-/metrics")) {
                assertThat(bench.get(path).statusCode()).as(path).isEqualTo(200);
            }
        }
    }

    @Test
    void slowReader_getsTheWholeDocument() throws IOException {
        String document = large();
        try (Bench bench = new Bench();
                RawClient slow = new RawClient(bench.mirror.address(), 4096)) {
            bench.store("large", document, head -> head.outcome("ok"));
            slow.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n");
            await(() -> Bench.sample(bench.mirror, "sent_bytes_total") > 0);
            // Meanwhile other clients are served, by the same number of threads.
            for (int i = 0; i < 20; i++) {
                assertThat(bench.get("/-/package/large/dist-tags").statusCode()).isEqualTo(200);
            }

            assertThat(slow.answer().body()).hasSize(document.length());
        }
    }

    @Test
    void close_letsAnswersEnd_andTakesNoMore() throws Exception {
        String document = large();
        Bench bench = new Bench();
        bench.store("large", document, head -> head.outcome("ok"));
        URI address = bench.mirror.address();
        try (RawClient idle = new RawClient(address);
                RawClient busy = new RawClient(address, 4096)) {
            assertThat(idle.send("GET /-/ping HTTP/1.1\r\nhost: a\r\n\r\n")
                            .answer()
                            .status())
                    .isEqualTo(200);
            busy.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n");
            await(() -> Bench.sample(bench.mirror, "sent_bytes_total") > 100);

            Thread closing = new Thread(bench::close);
            closing.start();
            assertThat(idle.isEnded()).isTrue();
            await(() -> isRefused(address));
            RawClient.Answer answer = busy.answer();

            assertThat(answer.body()).hasSize(document.length());
            assertThat(busy.isEnded()).isTrue();
            closing.join();
        }
    }

    @Test
    void close_doesNotWaitForEver() {
        Bench bench = bench(builder -> builder.drainTimeout(Duration.ofMillis(100)));
        bench.store("large", large(), head -> head.outcome("ok"));
        try (RawClient stuck = new RawClient(bench.mirror.address(), 4096)) {
            stuck.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n");
            await(() -> Bench.sample(bench.mirror, "sent_bytes_total") > 0);

            bench.close();

            assertThat(stuck.isEnded()).isTrue();
        }
    }

    @Test
    void portInUse_isNamed() {
        try (Bench bench = new Bench()) {
            int port = bench.mirror.address().getPort();
            assertThatThrownBy(() ->
                            MirrorServer.builder().cache(bench.cache).port(port).start())
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("Cannot listen on 127.0.0.1:" + port);
        }
    }

    private static Bench bench(UnaryOperator<MirrorServerBuilder> options) {
        return new Bench(URI.create("https://registry.npmjs.com"), new MemoryStorageDriver(), options);
    }

    private static String large() {
        return packument("large", "1.0.0").replace("long", "x".repeat(LARGE_BYTES));
    }

    private static boolean isRefused(URI address) {
        try (RawClient client = new RawClient(address)) {
            return client.isEnded();
        } catch (UncheckedIOException e) {
            return e.getCause() instanceof ConnectException;
        }
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5)); // the test's timeout limits this loop
        }
    }
}
