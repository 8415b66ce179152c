package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.ABBREVIATED;
import static io.alldocs.worker.mirror.Bench.INSTALLER;
import static io.alldocs.worker.mirror.Bench.header;
import static io.alldocs.worker.mirror.Bench.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.RetryPolicy;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests many clients that request the same packages in all forms, while the registry changes its response with every
 * request. It sends both forms, other versions, removals, failures, web pages and truncated documents.
 */
@Timeout(300)
class ChangingRegistryTest {
    private static final int CLIENTS = 12;
    private static final int NAMES = 100;
    /** Consecutive requests of one name, so that several clients request it before anything is stored. */
    private static final int REQUESTS_OF_A_NAME = 8;

    private static final String README = "\"readme\":\"only in the full form\"";

    private final Origin registry = new Origin();
    private final BaseHttpClient http = BaseHttpClient.builder()
            .retry(RetryPolicy.none())
            .limiters(HostLimiters.create())
            .build();
    private final AtomicInteger answered = new AtomicInteger();

    ChangingRegistryTest() {
        for (int i = 0; i < NAMES; i++) {
            String name = "a" + i;
            registry.on("/" + name, exchange -> answer(exchange, name));
        }
    }

    @AfterEach
    void close() {
        http.close();
        registry.close();
    }

    private void answer(HttpExchange exchange, String name) throws IOException {
        int turn = answered.incrementAndGet();
        String full = document(name, turn, README);
        exchange.getResponseHeaders().set("cache-control", "max-age=0");
        exchange.getResponseHeaders().set("etag", "\"" + turn + "\"");
        switch (new Random(turn).nextInt(12)) {
            case 0 -> send(exchange, 404, "application/json", "{\"error\":\"Not found\"}");
            case 1 -> send(exchange, 503, "application/json", "{}");
            case 2 -> send(exchange, 200, "text/html", "<html><body>Sign in</body></html>");
            case 3 -> send(exchange, 200, "application/json", full.substring(0, full.length() / 2));
            case 4 ->
                send(
                        exchange,
                        200,
                        "application/json",
                        "{\"name\":\"" + name
                                + "\",\"time\":{\"unpublished\":{\"time\":\"2026-11-11T11:11:11.000Z\"}}}");
            case 5, 6, 7 -> send(exchange, 200, ABBREVIATED, document(name, turn, "\"hasInstallScript\":true"));
            default -> send(exchange, 200, "application/json", full);
        }
    }

    private static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
        Origin.send(exchange, status, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private String document(String name, int turn, String member) {
        return "{\"name\":\"" + name + "\",\"dist-tags\":{\"latest\":\"1.0." + turn + "\"},\"versions\":{\"1.0." + turn
                + "\":{\"name\":\"" + name + "\",\"version\":\"1.0." + turn + "\"," + member
                + ",\"dist\":{\"tarball\":\""
                + registry.address() + "/" + name + "/-/" + name + "-1.0." + turn + ".tgz\"}}},\"modified\":"
                + "\"2026-11-11T11:11:11.000Z\"}";
    }

    @Test
    void manyClients_withAStoreInMemory_neverReceiveAnInternalError() throws Exception {
        requestEverything(new MemoryStorageDriver());
    }

    @Test
    void manyClients_withAStoreOnDisk_neverReceiveAnInternalError(@TempDir Path folder) throws Exception {
        requestEverything(FilesystemStorageDriver.open(folder));
    }

    private void requestEverything(StorageDriver driver) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try (Bench bench = new Bench(
                registry.address(), driver, builder -> builder.pullThrough(http).proxyTarballs())) {
            List<Callable<Void>> requests = new ArrayList<>();
            for (int i = 0; i < NAMES * REQUESTS_OF_A_NAME; i++) {
                String name = "a" + i / REQUESTS_OF_A_NAME;
                int kind = new Random(i).nextInt(4);
                requests.add(() -> {
                    request(bench, name, kind);
                    return null;
                });
            }
            for (Future<Void> request : clients.invokeAll(requests)) {
                request.get();
            }
        } finally {
            clients.shutdownNow();
        }
    }

    private static void request(Bench bench, String name, int kind) {
        switch (kind) {
            case 0 -> {
                HttpResponse<byte[]> response = bench.get("/" + name, "accept", "application/json");
                assertServed(response, name);
            }
            case 1 -> {
                HttpResponse<byte[]> response = bench.get("/" + name, "accept", INSTALLER);
                assertServed(response, name);
                if (response.statusCode() == 200
                        && header(response, "content-type").startsWith(ABBREVIATED)) {
                    assertThat(new String(response.body(), StandardCharsets.UTF_8))
                            .doesNotContain(README);
                }
            }
            case 2 -> assertServed(bench.get("/" + name + "/latest"), name);
            default ->
                assertThat(bench.get("/" + name + "/-/" + name + "-1.0.1.tgz").statusCode())
                        .isIn(404, 502, 503);
        }
    }

    private static void assertServed(HttpResponse<byte[]> response, String name) {
        assertThat(response.statusCode())
                .as(new String(response.body(), StandardCharsets.UTF_8))
                .isIn(200, 404, 502, 503);
        if (response.statusCode() == 200) {
            assertThat(json(response).path("name").asText()).isEqualTo(name);
        } else {
            assertThat(json(response).path("error").asText()).isNotEmpty();
        }
    }
}
