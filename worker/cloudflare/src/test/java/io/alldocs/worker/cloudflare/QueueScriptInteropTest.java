package io.alldocs.worker.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.JsonTree;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests how {@code queue.js} responds to other clients, and what it stores, in Cloudflare's own runtime. */
@Tag("interop")
@Timeout(300)
class QueueScriptInteropTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static Workerd workerd;

    @BeforeAll
    static void start() throws Exception {
        workerd = Workerd.start(folder);
    }

    @AfterAll
    static void stop() {
        workerd.close();
    }

    private static HttpResponse<String> send(String method, String path, String body, String token) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(workerd.address().resolve(path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .header("authorization", "Bearer " + token)
                .build();
        // A client of its own: workerd closes a connection whose request it refuses, and a reused one may be closed.
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return send("POST", path, body, Workerd.TOKEN);
    }

    private static DurableObjectQueue queue(URI address, String name) {
        QueueOptions options = new QueueOptions(
                name,
                3,
                Duration.ofSeconds(2),
                Duration.ofSeconds(9),
                Duration.ofMinutes(5),
                10,
                Duration.ofSeconds(1),
                0);
        return DurableObjectQueue.builder(address, Workerd.TOKEN)
                .options(options)
                .build();
    }

    @Test
    void enqueue_asTheJavaScriptProjectDocumentsIt_addsAnItem() throws Exception {
        String item =
                "{\"type\":\"packument\",\"id\":\"express\",\"payload\":{\"name\":\"express\"},\"priority\":2,\"attempts\":0}";
        assertThat(post("/enqueue?queue=documented", item).body()).isEqualTo("{\"added\":1}");
        assertThat(post("/enqueue?queue=documented", "[" + item + ",{\"type\":\"t\",\"id\":\"two\"}]")
                        .body())
                .isEqualTo("{\"added\":1}");
        try (DurableObjectQueue queue = queue(workerd.address(), "documented")) {
            assertThat(queue.reserve(5, Duration.ZERO))
                    .extracting(Lease::item)
                    .containsExactly(
                            new WorkItem("packument", "express", JsonTree.of(Map.of("name", "express")), 2, 1),
                            WorkItem.of("t", "two").withAttempts(1));
        }
    }

    @Test
    void numbersThatJavaScriptCannotHold_comeBackAsTheyWere() throws Exception {
        JsonNode payload = JSON.readTree("{\"long\":9007199254740993,\"whole\":1.0,\"text\":\"\\u0000\"}");
        try (DurableObjectQueue queue = queue(workerd.address(), "numbers")) {
            queue.enqueue(WorkItem.of("t", "nul \0 in it", payload));
            assertThat(queue.reserve(1, Duration.ZERO))
                    .extracting(Lease::item)
                    .containsExactly(WorkItem.of("t", "nul \0 in it", payload).withAttempts(1));
        }
    }

    @Test
    void whatItDoesNotTake_isRefusedWithAReason() throws Exception {
        expect(401, "token", send("POST", "/enqueue", "{}", "another"));
        expect(404, "Not found", send("GET", "/nothing", "", Workerd.TOKEN));
        HttpResponse<String> wrongMethod = send("GET", "/enqueue", "", Workerd.TOKEN);
        expect(405, "POST", wrongMethod);
        assertThat(wrongMethod.headers().firstValue("allow")).contains("POST");
        expect(400, "name", post("/enqueue?queue=%20", "{}"));
        expect(400, "JSON", post("/enqueue", "{"));
        expect(400, "neither", post("/enqueue", "1"));
        expect(400, "Item 1: id", post("/enqueue", "[{\"type\":\"t\",\"id\":\"a\"},{\"type\":\"t\"}]"));
        expect(400, "Item 0: type", post("/enqueue", "[null]"));
        expect(400, "priority", post("/enqueue", "{\"type\":\"t\",\"id\":\"a\",\"priority\":1.5}"));
        expect(400, "delay", post("/enqueue?delay=soon", "{\"type\":\"t\",\"id\":\"a\"}"));
        expect(400, "settlements", post("/exchange", "{\"request\":\"r\",\"max\":1}"));
        expect(400, "maxAttempts", post("/exchange", "{\"request\":\"r\",\"max\":1,\"settlements\":[]}"));
        expect(
                400,
                "became",
                post("/exchange", "{\"request\":\"r\",\"settlements\":[{\"id\":\"a\",\"token\":\"b\"}]}"));
        expect(413, "16777216", answered("/enqueue", "x".repeat((16 << 20) + 1)));
        expect(
                413,
                "payload",
                post("/enqueue", "{\"type\":\"t\",\"id\":\"a\",\"payload\":\"" + "x".repeat(1 << 20) + "\"}"));
        try (DurableObjectQueue queue = queue(workerd.address(), "all-docs-work")) {
            assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
        }
    }

    /**
     * Sends a request, and retries it. A server that rejects an unread body may close the connection before the client
     * has read the response (RFC 9112 §9.6).
     */
    private static HttpResponse<String> answered(String path, String body) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return post(path, body);
            } catch (IOException e) {
                if (attempt == 10) {
                    throw e;
                }
            }
        }
    }

    private static void expect(int status, String reason, HttpResponse<String> response) throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(JSON.readTree(response.body()).path("error").asText()).contains(reason);
        assertThat(response.headers().firstValue("all-docs-queue")).contains("1");
    }

    @Test
    void requestsThatComeAgain_areAnsweredAlike_andChangeNothing() throws Exception {
        String enqueue = "/enqueue?queue=again&request=r1";
        String item = "[{\"type\":\"t\",\"id\":\"a\"},{\"type\":\"t\",\"id\":\"b\"}]";
        assertThat(post(enqueue, item).body())
                .isEqualTo(post(enqueue, item).body())
                .isEqualTo("{\"added\":2}");
        String options = "\"options\":{\"maxAttempts\":3,\"backoff\":1000,\"maxBackoff\":1000,\"lease\":60000,"
                + "\"maxLostLeases\":3,\"interval\":1000,\"intervalCap\":0}}";
        String take = "{\"request\":\"r2\",\"settlements\":[],\"max\":1," + options;
        String taken = post("/exchange?queue=again", take).body();
        assertThat(taken).contains("\"id\":\"a\"");
        assertThat(post("/exchange?queue=again", take).body()).isEqualTo(taken);
        String settle =
                "{\"request\":\"r3\",\"settlements\":[{\"id\":\"a\",\"token\":\"r2\",\"became\":\"done\"}],\"max\":1,"
                        + options;
        String settled = post("/exchange?queue=again", settle).body();
        assertThat(settled).contains("\"passedOver\":[]", "\"id\":\"b\"");
        assertThat(post("/exchange?queue=again", settle).body()).isEqualTo(settled);
        assertThat(send("GET", "/sizes?queue=again", "", Workerd.TOKEN).body())
                .isEqualTo("{\"waiting\":0,\"delayed\":0,\"running\":1,\"dead\":0}");
    }

    @Test
    void largeItems_areLeasedInResponsesThatFit() throws Exception {
        List<WorkItem> items = IntStream.range(0, 40)
                .mapToObj(i -> WorkItem.of("t", "large-" + i, JsonNodeFactory.instance.textNode("x".repeat(1_000_000))))
                .toList();
        try (DurableObjectQueue queue = queue(workerd.address(), "large")) {
            assertThat(queue.enqueue(items, Duration.ZERO)).isEqualTo(40);
            List<Lease> taken = queue.reserve(100, Duration.ZERO);
            assertThat(taken).hasSize(40);
            queue.settle(taken.stream()
                    .<Settlement>map(lease -> new Settlement.Failed(lease, "no", false, null))
                    .toList());
            assertThat(queue.deadLetters()).hasSize(40);
        }
    }

    @Test
    void runtimeThatIsStartedAgain_hasWhatItHad(@TempDir Path own) throws Exception {
        QueueSizes before;
        List<Lease> running;
        try (Workerd first = Workerd.start(own);
                DurableObjectQueue queue = queue(first.address(), "kept")) {
            queue.enqueue(List.of(WorkItem.of("t", "runs"), WorkItem.of("t", "waits")), Duration.ZERO);
            queue.enqueue(List.of(WorkItem.of("t", "later")), Duration.ofHours(1));
            running = queue.reserve(1, Duration.ZERO);
            before = queue.sizes();
        }
        try (Workerd second = Workerd.start(own);
                DurableObjectQueue queue = queue(second.address(), "kept")) {
            assertThat(queue.sizes()).isEqualTo(before).isEqualTo(new QueueSizes(1, 1, 1, 0));
            assertThat(queue.settle(List.of(new Settlement.Done(running.get(0)))))
                    .isEmpty();
            assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 1, 0, 0));
        }
    }

    @Test
    void workerWithoutItsSecret_saysSo(@TempDir Path own) throws Exception {
        try (Workerd open = Workerd.start(own, new String[0]);
                DurableObjectQueue queue = DurableObjectQueue.builder(open.address(), Workerd.TOKEN)
                        .maxAttempts(1)
                        .build()) {
            QueueException e = catchThrowableOfType(QueueException.class, queue::sizes);
            assertThat(e).hasMessageContaining("QUEUE_TOKEN").hasMessageContaining("wrangler secret put");
        }
    }
}
