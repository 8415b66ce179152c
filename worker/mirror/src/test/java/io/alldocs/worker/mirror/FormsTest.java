package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.ABBREVIATED;
import static io.alldocs.worker.mirror.Bench.INSTALLER;
import static io.alldocs.worker.mirror.Bench.header;
import static io.alldocs.worker.mirror.Bench.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.RetryPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests that the abbreviated form never satisfies a request for the full form: without {@code time}, npm and bun
 * install versions that are too new.
 */
@Timeout(120)
class FormsTest {
    private final Origin registry = new Origin();
    private final BaseHttpClient http = BaseHttpClient.builder()
            .retry(RetryPolicy.none())
            .limiters(HostLimiters.create())
            .build();

    FormsTest() throws IOException {
        String full = document("full.json");
        String abbreviated = document("abbreviated.json");
        registry.on("/app-lib", exchange -> {
            String accept = exchange.getRequestHeaders().getFirst("accept");
            boolean brief = accept.startsWith(ABBREVIATED);
            exchange.getResponseHeaders().set("etag", brief ? "\"brief\"" : "\"full\"");
            exchange.getResponseHeaders().set("vary", "Accept");
            exchange.getResponseHeaders().set("cache-control", "public, max-age=300");
            byte[] body = (brief ? abbreviated : full).getBytes(StandardCharsets.UTF_8);
            Origin.send(exchange, 200, brief ? ABBREVIATED : "application/json", body);
        });
    }

    private String document(String name) throws IOException {
        try (InputStream in = FormsTest.class.getResourceAsStream("forms/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("@REGISTRY@", registry.authority());
        }
    }

    @AfterEach
    void close() {
        http.close();
        registry.close();
    }

    private Bench bench(UnaryOperator<MirrorServerBuilder> options) throws IOException {
        Bench bench = new Bench(registry.address(), new MemoryStorageDriver(), options);
        bench.storeAbbreviated("app-lib", document("abbreviated.json"));
        return bench;
    }

    @Test
    void fullForm_whereTheAbbreviatedOneIsHeld_isFetched() throws IOException {
        try (Bench bench = bench(builder -> builder.pullThrough(http))) {
            HttpResponse<byte[]> full = bench.get("/app-lib", "accept", "application/json");

            assertThat(full.statusCode()).isEqualTo(200);
            assertThat(header(full, "content-type")).isEqualTo("application/json");
            assertThat(json(full).at("/time/1.1.0").asText()).isEqualTo("2021-06-01T00:00:00.000Z");
            assertThat(bench.cache.head(CacheKey.packument(registry.address(), "app-lib")))
                    .isPresent();
            assertThat(json(bench.get("/app-lib/1.0.0")).path("version").asText())
                    .isEqualTo("1.0.0");
        }
    }

    @Test
    void fullForm_afterARequestForTheAbbreviatedOne_isFetched() throws IOException {
        try (Bench bench =
                new Bench(registry.address(), new MemoryStorageDriver(), builder -> builder.pullThrough(http))) {
            assertThat(json(bench.get("/app-lib", "accept", INSTALLER)).has("time"))
                    .isFalse();
            assertThat(json(bench.get("/app-lib")).has("time")).isTrue();
            assertThat(registry.asked()).hasSize(2);
        }
    }

    @Test
    void fullForm_whenTheRegistryIsDown_isAnErrorThatSaysWhy_andTheAbbreviatedOneIsServed() throws IOException {
        try (Bench bench = bench(builder -> builder.pullThrough(http))) {
            registry.close();

            HttpResponse<byte[]> full = bench.get("/app-lib", "accept", "application/json");

            assertThat(full.statusCode()).isEqualTo(503);
            assertThat(json(full).path("error").asText()).contains("The registry behind this mirror does not respond");
            assertThat(bench.get("/app-lib/latest").statusCode()).isEqualTo(503);
            assertThat(bench.get("/app-lib", "accept", INSTALLER).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void fullForm_withoutPullThrough_isAnErrorWithTheReason_andTheAbbreviatedOneIsServed() throws IOException {
        try (Bench bench = bench(builder -> builder)) {
            HttpResponse<byte[]> full = bench.get("/app-lib", "accept", "application/json");

            assertThat(full.statusCode()).isEqualTo(406);
            assertThat(json(full).path("error").asText())
                    .startsWith("This mirror has only the abbreviated form of app-lib")
                    .contains("--pull-through");
            assertThat(bench.get("/app-lib").statusCode()).isEqualTo(406);
            assertThat(bench.get("/app-lib/1.0.0").statusCode()).isEqualTo(406);
            assertThat(bench.get("/app-lib", "accept", INSTALLER).statusCode()).isEqualTo(200);
            assertThat(bench.get("/app-lib/1.0.0", "accept", INSTALLER).statusCode())
                    .isEqualTo(200);
            assertThat(json(bench.get("/-/package/app-lib/dist-tags"))
                            .path("latest")
                            .asText())
                    .isEqualTo("2.0.0");
        }
    }

    @Test
    void absence_inOneForm_isThatOfTheOther() throws IOException {
        try (Bench bench =
                new Bench(registry.address(), new MemoryStorageDriver(), builder -> builder.pullThrough(http))) {
            assertThat(bench.get("/other", "accept", INSTALLER).statusCode()).isEqualTo(404);
            assertThat(bench.get("/other").statusCode()).isEqualTo(404);
            assertThat(registry.asked()).hasSize(1);
        }
    }

    @Test
    void registryThatSendsTheAbbreviatedFormForTheFullOne_isABadGateway() throws IOException {
        byte[] abbreviated = document("abbreviated.json").getBytes(StandardCharsets.UTF_8);
        registry.serve("/app-lib", ABBREVIATED, abbreviated);
        try (Bench bench =
                new Bench(registry.address(), new MemoryStorageDriver(), builder -> builder.pullThrough(http))) {
            HttpResponse<byte[]> full = bench.get("/app-lib");

            assertThat(full.statusCode()).isEqualTo(502);
            assertThat(json(full).path("error").asText())
                    .isEqualTo("The registry returned the abbreviated form of app-lib, although the full form was"
                            + " requested");
        }
    }

    /** An install requests packuments and tarballs at once, and some registries send one form only. */
    @Test
    void abbreviatedForm_derivedWhileAnotherRequestForItFails_isServed() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(2);
        try (Bench bench = new Bench(registry.address(), new MemoryStorageDriver(), builder -> builder)) {
            bench.store("app-lib", document("full.json"), head -> head.outcome("ok"));
            CountDownLatch loading = new CountDownLatch(1);
            CountDownLatch waiting = new CountDownLatch(1);
            CompletableFuture<?> failing = CompletableFuture.runAsync(
                    () -> bench.cache.fetch(
                            CacheKey.abbreviated(registry.address(), "app-lib"), CacheMode.NO_CACHE, stored -> {
                                loading.countDown();
                                await(waiting);
                                throw new IllegalStateException("failure of another request");
                            }),
                    clients);
            await(loading);
            CompletableFuture<HttpResponse<byte[]>> response =
                    CompletableFuture.supplyAsync(() -> bench.get("/app-lib", "accept", INSTALLER), clients);
            awaitThreadIn("RequestCoalescer");
            waiting.countDown();

            assertThat(response.get().statusCode()).isEqualTo(200);
            assertThat(header(response.get(), "content-type")).isEqualTo(ABBREVIATED);
            assertThat(failing).failsWithin(Bench.PATIENCE);
        } finally {
            clients.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until some thread waits in a method of the class with this name. */
    private static void awaitThreadIn(String type) throws InterruptedException {
        while (Thread.getAllStackTraces().values().stream()
                .noneMatch(stack -> Arrays.stream(stack)
                        .anyMatch(frame -> frame.getClassName().contains(type)
                                && frame.getMethodName().equals("awaitChange")))) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the test's timeout");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
