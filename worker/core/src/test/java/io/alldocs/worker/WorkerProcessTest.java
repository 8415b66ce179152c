package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import io.alldocs.worker.internal.jobs.PackumentProcessor;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests workers in separate processes, on a cache directory that also stores their queue. */
@Timeout(300)
class WorkerProcessTest {
    private static final int NAMES = 400;

    @TempDir
    private Path folder;

    private Map<String, String> environment(EmbeddedRegistry registry) {
        return Map.of(
                "CACHE_DIR", folder.resolve("cache").toString(),
                "NPM_ORIGIN", registry.origin().toString(),
                "NPM_REGISTRY", registry.origin().toString(),
                "NPM_CONFIG_USERCONFIG", folder.resolve("none").toString(),
                "QUEUE_DURABLE", "true",
                "QUEUE_INTERVAL_CAP", "0",
                "QUEUE_LEASE_MS", "5000");
    }

    private static ObjectNode plan() {
        ObjectNode item = JsonNodeFactory.instance
                .objectNode()
                .put("type", "partition-set")
                .put("id", "plan");
        item.putObject("payload")
                .put("set", "all")
                .put("targetRows", 100)
                .put("packuments", true)
                .put("batch", 10);
        return item;
    }

    @Test
    void kill_inTheMiddle_andAgain_losesNothing() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(NAMES).start()) {
            try (WorkerProcess first = WorkerProcess.start(folder, environment(registry))) {
                Await.until("ready", () -> first.get("/ready").statusCode() == 200);
                assertThat(first.post("/work", plan()).statusCode()).isEqualTo(202);
                awaitAsked(registry, 60);
                first.kill();
            }
            try (WorkerProcess second = WorkerProcess.start(folder, environment(registry))) {
                awaitAsked(registry, 200);
                second.kill();
            }
            try (WorkerProcess third = WorkerProcess.start(folder, environment(registry))) {
                Await.until("complete", () -> isComplete(third.progress()));
                assertThat(third.progress().at("/queue/dead").asInt()).isZero();
                assertThat(third.terminate()).isEqualTo(143);
                assertThat(third.err()).isEmpty();
            }
            assertThat(stored(registry)).containsExactlyInAnyOrderElementsOf(registry.names());
            long repeated = registry.requests().count(Endpoint.PACKUMENT) - NAMES;
            assertThat(repeated).as("names requested twice: those in flight").isBetween(0L, 2L * 10 * 10);
        }
    }

    @Test
    void itemThatFillsTheHeap_endsAsADeadLetter_andTheProcessWorksOn() throws Exception {
        ArrayNode items = JsonNodeFactory.instance.arrayNode();
        items.add(WorkItem.of(HoardingProcessor.TYPE, "poison")
                .withPriority(1)
                .toJson()
                .as(JsonNode.class));
        for (int i = 0; i < 1_000; i++) {
            items.add(WorkItem.of(FoundProcessor.TYPE, "good-" + i).toJson().as(JsonNode.class));
        }
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(1).start();
                SupervisedWorker worker = new SupervisedWorker(folder, environment(registry))) {
            worker.await("ready", each -> each.get("/ready").statusCode() == 200);
            // The first item may fill the heap before the response is sent, so the request is repeated.
            worker.await("takes the items", each -> each.post("/work", items).statusCode() == 202);

            worker.await("one dead letter, nothing else left", each -> {
                JsonNode queue = each.progress().at("/queue");
                return queue.at("/dead").asInt() == 1
                        && queue.at("/waiting").asInt() == 0
                        && queue.at("/running").asInt() == 0;
            });
            worker.await("its reason", each -> each.get("/queue/dead").body().contains("lost 3 times"));
            JsonNode late = WorkItem.of(FoundProcessor.TYPE, "late").toJson().as(JsonNode.class);
            worker.await("takes work again", each -> each.post("/work", late).statusCode() == 202);
            worker.await(
                    "works on", each -> each.progress().at("/types/found/done").asInt() > 0);
            assertThat(worker.current().terminate()).isEqualTo(143);
        }
    }

    /** The size of the second chunk is negative as an int, which makes the JDK's chunk parser loop forever. */
    @Test
    void nameWithAHostileAnswer_isRetried_andTheProcessWorksOn() throws Exception {
        byte[] hostile = String.join(
                        "\r\n",
                        "HTTP/1.1 200 OK",
                        "content-type: application/json",
                        "transfer-encoding: chunked",
                        "",
                        "4",
                        "{\"na",
                        "80000000",
                        "me\":1}",
                        "0",
                        "",
                        "")
                .getBytes(StandardCharsets.ISO_8859_1);
        ArrayNode items = JsonNodeFactory.instance.arrayNode();
        items.add(packument("hostile").withPriority(1).toJson().as(JsonNode.class));
        items.add(packument("beta").toJson().as(JsonNode.class));
        items.add(packument("gamma").toJson().as(JsonNode.class));
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names("beta", "gamma", "late")
                        .start();
                ExactServer server = ExactServer.start(
                        path -> path.equals("/hostile") ? Optional.of(new Exact(hostile, false)) : Optional.empty(),
                        registry.origin())) {
            Map<String, String> environment = new HashMap<>(environment(registry));
            environment.put("NPM_REGISTRY", server.origin().toString());
            try (WorkerProcess worker = WorkerProcess.start(folder, environment)) {
                Await.until("ready", () -> worker.get("/ready").statusCode() == 200);
                assertThat(worker.post("/work", items).statusCode()).isEqualTo(202);
                Await.until("the others are done", () -> done(worker) == 2);
                Await.until("the name was requested", () -> server.asked().contains("/hostile"));
                assertThat(worker.post("/work", packument("late").toJson().as(JsonNode.class))
                                .statusCode())
                        .isEqualTo(202);
                Await.until("works on", () -> done(worker) == 3);
                assertThat(worker.get("/health").statusCode()).isEqualTo(200);
                assertThat(worker.get("/metrics").body())
                        .contains("all_docs_http_stuck_threads 0.0", "all_docs_http_lost_clients_total 0.0");
            }
        }
    }

    private static WorkItem packument(String name) {
        return WorkItem.of(
                PackumentProcessor.TYPE,
                name,
                JsonNodeFactory.instance.objectNode().put("name", name));
    }

    private static int done(WorkerProcess worker) throws Exception {
        return worker.progress().at("/types/packument/done").asInt();
    }

    private static void awaitAsked(EmbeddedRegistry registry, int packuments) throws Exception {
        Await.until("requested packuments", () -> registry.requests().count(Endpoint.PACKUMENT) >= packuments);
    }

    private static boolean isComplete(JsonNode progress) {
        JsonNode set = progress.at("/sets/0");
        return set.path("state").asText().equals("complete")
                && set.at("/packuments/done").asInt() == NAMES
                && set.at("/names/done").asInt() == NAMES
                && progress.at("/queue/waiting").asInt() == 0
                && progress.at("/queue/delayed").asInt() == 0
                && progress.at("/queue/running").asInt() == 0;
    }

    private List<String> stored(EmbeddedRegistry registry) {
        try (FilesystemStorageDriver driver =
                        FilesystemStorageDriver.builder(folder.resolve("cache")).build();
                Cache cache = Cache.builder().driver(driver).build();
                Stream<String> keys = cache.keys(CacheKey.prefix(CacheKey.Kind.PACKUMENT, registry.origin()))) {
            return keys.map(key -> CacheKey.parse(key).packageName().orElseThrow())
                    .toList();
        }
    }

    @Test
    void terminate_inTheMiddle_handsBack_andTheNextOneFinishes() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(NAMES).start()) {
            try (WorkerProcess first = WorkerProcess.start(folder, environment(registry))) {
                Await.until("ready", () -> first.get("/ready").statusCode() == 200);
                first.post("/work", plan());
                awaitAsked(registry, 50);
                assertThat(first.terminate()).isEqualTo(143);
                assertThat(first.err()).isEmpty();
            }
            try (WorkerProcess second = WorkerProcess.start(folder, environment(registry))) {
                Await.until("complete", () -> isComplete(second.progress()));
            }
            assertThat(stored(registry)).containsExactlyInAnyOrderElementsOf(registry.names());
            assertThat(registry.requests().count(Endpoint.PACKUMENT))
                    .as("running items were finished: no name is requested twice")
                    .isEqualTo(NAMES);
        }
    }

    @Test
    void slowClient_isCutOff() throws Exception {
        Map<String, String> environment =
                Map.of("CACHE_DIR", folder.resolve("cache").toString());
        try (WorkerProcess worker = WorkerProcess.start(folder, environment, "-Dsun.net.httpserver.maxReqTime=1");
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), worker.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write("POST /work HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"
                            .getBytes(StandardCharsets.US_ASCII));

            assertThat(socket.getInputStream().readAllBytes())
                    .as("closed without an answer")
                    .isEmpty();
            assertThat(worker.get("/health").statusCode()).isEqualTo(200);
        }
    }
}
