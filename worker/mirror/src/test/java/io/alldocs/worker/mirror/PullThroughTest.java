package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.INSTALLER;
import static io.alldocs.worker.mirror.Bench.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.ByteBudget;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import io.alldocs.examples.registry.Fault;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.RetryPolicy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests pull-through with an embedded registry that fails as real registries do. */
@Timeout(120)
class PullThroughTest {
    private final EmbeddedRegistry registry =
            EmbeddedRegistry.builder().names("express", "@babel/core", "other").start();
    private final BaseHttpClient http = BaseHttpClient.builder()
            .retry(RetryPolicy.none())
            .limiters(HostLimiters.create())
            .build();
    private final Bench bench =
            new Bench(registry.origin(), new MemoryStorageDriver(), builder -> builder.pullThrough(http));

    @AfterEach
    void close() {
        bench.close();
        http.close();
        registry.close();
    }

    @Test
    void absentName_isRequestedOnce_forManyClients() throws Exception {
        registry.faults().set(Fault.latency(Duration.ofMillis(300)));
        ExecutorService clients = Executors.newFixedThreadPool(16);
        List<Future<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String coding = i % 2 == 0 ? "gzip" : "identity";
            answers.add(clients.submit(() -> bench.get("/@babel%2fcore", "accept-encoding", coding)));
        }

        for (Future<HttpResponse<byte[]>> answer : answers) {
            assertThat(json(answer.get()))
                    .isEqualTo(Bench.JSON.readTree(
                            registry.packument("@babel/core").orElseThrow()));
        }
        clients.shutdownNow();
        assertThat(asked()).isEqualTo(1);
        assertThat(bench.cache.head(CacheKey.packument(registry.origin(), "@babel/core")))
                .isPresent();
    }

    @Test
    void pulledDocument_inATemporaryFile_isNotKeptByTheResponseInMemory(@TempDir Path spool) throws Exception {
        BodyReceiver toFiles = new BodyReceiver(ByteBudget.of(0), spool, 1L << 28);
        try (Cache cache = Cache.builder().receiver(toFiles).build();
                MirrorServer mirror = MirrorServer.builder()
                        .cache(cache)
                        .registry(registry.origin())
                        .pullThrough(http)
                        .start()) {
            for (String name : List.of("express", "other")) {
                HttpRequest request = HttpRequest.newBuilder(URI.create(mirror.address() + "/" + name))
                        .header("accept-encoding", "gzip")
                        .build();
                HttpResponse<byte[]> answer = bench.client.send(request, BodyHandlers.ofByteArray());
                assertThat(answer.statusCode()).isEqualTo(200);
            }
            while (openFiles(spool) > 0) {
                System.gc();
                new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** Counts the files of a directory, and on Linux those that are open but have no name. */
    private static long openFiles(Path directory) throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        Path real = directory.toRealPath();
        boolean linux = Files.isDirectory(descriptors);
        try (Stream<Path> files = Files.list(linux ? descriptors : directory)) {
            return files.filter(file -> !linux || target(file).startsWith(real)).count();
        }
    }

    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            return link; // closed while the directory was listed
        }
    }

    @Test
    void abbreviatedForm_isRequested_orDerivedFromAFreshFullOne() {
        assertThat(json(bench.get("/express", "accept", INSTALLER)).has("_id")).isFalse();
        assertThat(bench.metric("abbreviated_derived_total")).isZero();
        assertThat(asked()).isEqualTo(1);

        assertThat(json(bench.get("/other")).has("_id")).isTrue();
        assertThat(json(bench.get("/other", "accept", INSTALLER)).has("_id")).isFalse();
        assertThat(bench.metric("abbreviated_derived_total")).isEqualTo(1);
        assertThat(asked()).isEqualTo(2);
    }

    @Test
    void freshEntry_isServedAsItIs_andAStaleOneConfirmed() {
        byte[] first = bench.get("/express", "accept-encoding", "gzip").body();
        bench.recheck();
        assertThat(bench.get("/express", "accept-encoding", "gzip").body()).isEqualTo(first);
        assertThat(asked()).isEqualTo(1);

        bench.clock.advance(Duration.ofMinutes(6));
        bench.recheck();
        assertThat(bench.get("/express", "accept-encoding", "gzip").body()).isEqualTo(first);
        assertThat(asked()).isEqualTo(2);
        assertThat(registry.requests().statuses()).containsEntry(304, 1L);

        registry.publish("express");
        bench.clock.advance(Duration.ofMinutes(6));
        bench.recheck();
        assertThat(bench.get("/express", "accept-encoding", "gzip").body()).isNotEqualTo(first);
    }

    @Test
    void clientThatInsists_getsWhatTheRegistryHasNow() {
        int before = json(bench.get("/express")).path("versions").size();
        registry.publish("express");

        assertThat(json(bench.get("/express")).path("versions")).hasSize(before);
        assertThat(json(bench.get("/express", "cache-control", "no-cache")).path("versions"))
                .hasSize(before + 1);
        assertThat(json(bench.get("/express")).path("versions")).hasSize(before + 1);
        assertThat(asked()).isEqualTo(2);
    }

    @Test
    void absence_isCached_forAWhile() {
        assertThat(bench.get("/nothing").statusCode()).isEqualTo(404);
        bench.recheck();
        assertThat(bench.get("/nothing").statusCode()).isEqualTo(404);
        assertThat(asked()).isEqualTo(1);

        registry.publish("nothing");
        bench.clock.advance(Duration.ofMinutes(6));
        bench.recheck();
        assertThat(bench.get("/nothing").statusCode()).isEqualTo(200);
        assertThat(asked()).isEqualTo(2);
    }

    @Test
    void registryThatFails_isCoveredByWhatIsHeld() {
        byte[] held = bench.get("/express", "accept-encoding", "gzip").body();
        byte[] abbreviated = bench.get("/express", "accept", INSTALLER).body();
        long before = asked();
        for (Fault fault : List.of(Fault.status(503, 1), Fault.status(401, 1), Fault.reset(1), Fault.html(1))) {
            registry.faults().clear();
            registry.faults().set(fault);
            bench.clock.advance(Duration.ofMinutes(6));
            bench.recheck();

            assertThat(bench.get("/express", "accept-encoding", "gzip").body()).isEqualTo(held);
            assertThat(bench.get("/express", "accept", INSTALLER).body()).isEqualTo(abbreviated);
        }
        assertThat(bench.metric("stale_served_total")).isGreaterThanOrEqualTo(6);
        assertThat(asked()).isGreaterThan(before);

        registry.faults().clear();
        registry.publish("express");
        bench.clock.advance(Duration.ofMinutes(6));
        bench.recheck();
        assertThat(bench.get("/express", "accept-encoding", "gzip").body()).isNotEqualTo(held);
    }

    @Test
    void registryThatFails_receivesOneRequestForManyClients() {
        registry.faults().set(Fault.status(503, 1).retryAfter(Duration.ofSeconds(7)));

        HttpResponse<byte[]> first = bench.get("/express");
        assertThat(first.statusCode()).isEqualTo(503);
        assertThat(Bench.header(first, "retry-after")).isEqualTo("7");
        assertThat(json(first).path("error").asText()).isEqualTo("The registry behind this mirror does not respond");
        for (int i = 0; i < 5; i++) {
            assertThat(bench.get("/express").statusCode()).isEqualTo(503);
        }

        assertThat(asked()).isEqualTo(1);
    }

    @Test
    void registryThatRefuses_hasItsOwnStatus() {
        registry.faults().set(Fault.status(401, 1));

        assertThat(bench.get("/express").statusCode()).isEqualTo(502);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/express", "/other", "express?again=%", "ftp://127.0.0.1/express", "https://[/"})
    void redirectThatCannotBeFollowed_is502WithTheReason_andIsNotCached(String location) throws Exception {
        AtomicBoolean isBroken = new AtomicBoolean(true);
        Exact found = new Exact(
                ("HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII),
                false);
        try (ExactServer server = ExactServer.start(
                        path -> isBroken.get() ? Optional.of(found) : Optional.empty(), registry.origin());
                Bench other =
                        new Bench(server.origin(), new MemoryStorageDriver(), builder -> builder.pullThrough(http))) {
            HttpResponse<byte[]> answer = other.get("/express");

            assertThat(answer.statusCode()).isEqualTo(502);
            assertThat(json(answer).path("error").asText())
                    .contains("sent a redirect that cannot be followed: redirect");
            isBroken.set(false);
            assertThat(other.get("/express").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void registryThatHangs_doesNotKeepFreshNamesFromBeingServed() {
        byte[] held = bench.get("/express", "accept-encoding", "gzip").body();
        registry.faults().set(Fault.stall(1).lasting(Duration.ofMinutes(10)));
        List<RawClient> waiting = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                RawClient client = new RawClient(bench.mirror.address());
                waiting.add(client.send("GET /hangs-" + i + " HTTP/1.1\r\nhost: a\r\n\r\n"));
            }
            bench.recheck();

            assertThat(bench.get("/express", "accept-encoding", "gzip").body()).isEqualTo(held);
        } finally {
            waiting.forEach(RawClient::close);
        }
    }

    @Test
    void documentAboveTheBound_is502WithTheReason_andIsNotFetchedForEachClient() throws Exception {
        BodyReceiver receiver = BodyReceiver.of(Env.of(Map.of("BODY_MAX_DECODED_BYTES", "100")));
        try (Cache cache = Cache.builder()
                        .driver(new MemoryStorageDriver())
                        .receiver(receiver)
                        .build();
                MirrorServer mirror = MirrorServer.builder()
                        .cache(cache)
                        .registry(registry.origin())
                        .pullThrough(http)
                        .nanoTime(() -> 0)
                        .start()) {
            HttpRequest request = HttpRequest.newBuilder(mirror.address().resolve("/express"))
                    .timeout(Bench.PATIENCE)
                    .build();
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> answer = bench.client.send(request, BodyHandlers.ofString());

                assertThat(answer.statusCode()).isEqualTo(502);
                assertThat(answer.body()).contains("too large");
            }
            assertThat(asked()).isEqualTo(1);
        }
    }

    private long asked() {
        return registry.requests().count(Endpoint.PACKUMENT);
    }
}
