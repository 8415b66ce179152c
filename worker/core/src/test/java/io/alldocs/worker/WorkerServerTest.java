package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.worker.internal.server.ServerThreads;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class WorkerServerTest {
    static {
        WorkerMain.prepareJvm(); // the JDK's server reads its limits once
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOKEN = "a secret of 24 letters!!";
    private static final String ITEM = "{\"type\":\"task\",\"id\":\"one\",\"payload\":{\"n\":1}}";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Bench bench = new Bench();
    private final WatchedQueue queue = new WatchedQueue(bench.queue);
    private final Worker worker = bench.worker()
            .queue(queue)
            .processor(new Processor() {
                @Override
                public String type() {
                    return "task";
                }

                @Override
                public WorkResult process(WorkItem item, WorkContext context) {
                    return switch (item.payload().asText()) {
                        case "bad" -> throw new IllegalArgumentException("no sense in it");
                        case "busy" -> throw WorkException.temporary("busy", Duration.ofSeconds(7), null);
                        default -> WorkResult.of(5);
                    };
                }
            })
            .build();
    private final WorkerServer server =
            WorkerServer.builder().token(TOKEN).maxBodyBytes(10_000).build().start();

    @AfterEach
    void end() {
        server.close();
        worker.close();
        bench.close();
    }

    private HttpRequest.Builder at(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(at(path));
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(at(path).header("authorization", "Bearer " + TOKEN).POST(BodyPublishers.ofString(body)));
    }

    private static void assertRefused(HttpResponse<String> response, int status, String reason) throws IOException {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        JsonNode json = JSON.readTree(response.body());
        assertThat(json.path("error").asText()).contains(reason);
        assertThat(response.body()).doesNotContain("\tat ", "java.", TOKEN);
    }

    // ---- health and readiness

    @Test
    void health_withoutWorker_is200_andReadyIs503() throws Exception {
        assertThat(get("/health").statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(get("/health").body()).path("status").asText()).isEqualTo("ok");
        for (String path : List.of("/ready", "/progress", "/metrics")) {
            assertRefused(get(path), 503, "starting");
        }
        assertRefused(post("/work", ITEM), 503, "starting");
    }

    @Test
    void ready_workerRuns_is200_andAfterItsEnd503() throws Exception {
        server.attach(worker);
        assertRefused(get("/ready"), 503, "new");
        worker.start();
        assertThat(get("/ready").statusCode()).isEqualTo(200);
        worker.stop(Duration.ZERO);
        assertRefused(get("/ready"), 503, "stopped");
        assertThat(get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void ready_queueAway_is503_withItsReason() throws Exception {
        server.attach(worker.start());
        queue.fail("sizes", 1, true);

        HttpResponse<String> response = get("/ready");

        assertRefused(response, 503, "it is away");
        assertThat(response.headers().firstValue("retry-after")).isPresent();
        assertThat(get("/ready").statusCode()).isEqualTo(200);
    }

    // ---- work

    @Test
    void work_item_is202_andInTheQueue() throws Exception {
        server.attach(worker);

        HttpResponse<String> response = post("/work", ITEM);

        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(JSON.readTree(response.body())).isEqualTo(JSON.readTree("{\"added\":1,\"ids\":[\"one\"]}"));
        assertThat(queue.reserve(1, Duration.ZERO).get(0).item())
                .isEqualTo(
                        WorkItem.of("task", "one", JSON.readTree("{\"n\":1}")).withAttempts(1));
        assertThat(JSON.readTree(post("/work", ITEM).body()).path("added").asInt())
                .isZero();
    }

    @Test
    void work_array_addsAll() throws Exception {
        server.attach(worker);

        HttpResponse<String> response =
                post("/work", "[" + ITEM + ",{\"type\":\"task\",\"id\":\"two\",\"priority\":4}]");

        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(2, 0, 0, 0));
    }

    @Test
    void work_wait_doesItAtOnce() throws Exception {
        server.attach(worker.start());

        HttpResponse<String> response = post("/work?wait", ITEM);

        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode result = JSON.readTree(response.body()).path("results").path(0);
        assertThat(result.path("id").asText()).isEqualTo("one");
        assertThat(result.path("units").asInt()).isEqualTo(5);
        assertThat(queue.calls("enqueue")).isZero();
    }

    @Test
    void work_waitForWhatFails_saysWhetherToRetry() throws Exception {
        server.attach(worker.start());

        assertRefused(post("/work?wait=true", ITEM.replace("{\"n\":1}", "\"bad\"")), 422, "no sense in it");
        HttpResponse<String> busy = post("/work?wait=true", ITEM.replace("{\"n\":1}", "\"busy\""));
        assertRefused(busy, 503, "busy");
        assertThat(busy.headers().firstValue("retry-after")).contains("7");
    }

    @Test
    void work_whatIsNoItem_is400_andSaysWhy() throws Exception {
        server.attach(worker);
        assertRefused(post("/work", ""), 400, "JSON object");
        assertRefused(post("/work", "not json"), 400, "not JSON");
        assertRefused(post("/work", "{\"type\":\"t\",\"id\":\"a\"} trailing"), 400, "not JSON");
        assertRefused(post("/work", "7"), 400, "JSON object");
        assertRefused(post("/work", "{\"id\":\"a\"}"), 400, "type");
        assertRefused(post("/work", "{\"type\":\"t\"}"), 400, "id");
        assertRefused(post("/work", "{\"type\":\"t\",\"id\":7}"), 400, "id");
        assertRefused(post("/work", "{\"type\":\"t\",\"id\":\"\"}"), 400, "id");
        assertRefused(post("/work", "{\"type\":\"t\",\"id\":\"a\",\"priority\":\"high\"}"), 400, "priority");
        assertRefused(post("/work", "{\"type\":\"t\",\"id\":\"a\",\"priority\":99999999}"), 400, "priority");
        assertRefused(post("/work", "[" + ITEM + ",{}]"), 400, "type");
        assertRefused(post("/work", "[".repeat(5_000)), 400, "not JSON");
        assertThat(queue.size()).isZero();
    }

    @Test
    void work_bodyTooLarge_is413_declaredOrNot() throws Exception {
        server.attach(worker);
        String large = " ".repeat(10_001);

        assertRefused(post("/work", large), 413, "10000 bytes");
        HttpRequest.Builder chunked = at("/work")
                .header("authorization", "Bearer " + TOKEN)
                .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString(large)));
        assertRefused(send(chunked), 413, "10000 bytes");
        assertThat(queue.size()).isZero();
    }

    @Test
    void work_withoutTheToken_is401() throws Exception {
        server.attach(worker);
        List<HttpRequest.Builder> requests = List.of(
                at("/work"),
                at("/work").header("authorization", "Bearer wrong"),
                at("/work").header("authorization", "Bearer "),
                at("/work").header("authorization", TOKEN),
                at("/work").header("authorization", "Basic " + TOKEN),
                at("/work").header("authorization", "Bearer " + TOKEN + "x"));
        for (HttpRequest.Builder request : requests) {
            HttpResponse<String> response = send(request.POST(BodyPublishers.ofString(ITEM)));
            assertRefused(response, 401, "token");
            assertThat(response.headers().firstValue("www-authenticate").orElse(""))
                    .startsWith("Bearer");
        }
        assertThat(queue.size()).isZero();
    }

    @Test
    void work_fromAPageOfAnotherSite_is403() throws Exception {
        server.attach(worker);
        HttpRequest.Builder request = at("/work")
                .header("authorization", "Bearer " + TOKEN)
                .header("origin", "https://elsewhere.example")
                .POST(BodyPublishers.ofString(ITEM));

        assertRefused(send(request), 403, "other sites");
        assertThat(queue.size()).isZero();
    }

    @Test
    void work_queueAway_is503() throws Exception {
        server.attach(worker);
        queue.fail("enqueue", 1, true);

        assertRefused(post("/work", ITEM), 503, "it is away");
    }

    @Test
    void anyPath_wrongMethodOrUnknown_is405Or404() throws Exception {
        server.attach(worker);
        assertRefused(get("/work"), 405, "POST");
        assertThat(get("/work").headers().firstValue("allow")).contains("POST");
        HttpResponse<String> posted = post("/progress", "");
        assertRefused(posted, 405, "GET");
        assertThat(posted.headers().firstValue("allow")).contains("GET, HEAD");
        assertRefused(get("/nothing"), 404, "The paths are");
        assertRefused(get("/work/"), 404, "The paths are");
        HttpResponse<String> head = send(at("/health").method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void anyRequest_thatIsNoHttp_leavesTheServerAlive() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream().write("\0\1 nonsense\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(9), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 ");
        }
        assertThat(get("/health").statusCode()).isEqualTo(200);
    }

    // ---- dead letters

    private void kill(int count) throws InterruptedException {
        List<WorkItem> items = IntStream.range(0, count)
                .mapToObj(i -> WorkItem.of("task", "dead-" + i))
                .toList();
        queue.enqueue(items, Duration.ZERO);
        for (int done = 0; done < count; ) {
            List<Lease> leases = queue.reserve(count, Duration.ZERO);
            queue.settle(leases.stream()
                    .map(lease -> new Settlement.Failed(
                            lease, "no sense in " + lease.item().id(), false, null))
                    .toList());
            done += leases.size();
        }
    }

    @Test
    void deadLetters_areListedWithTheirReasons_oldestFirst() throws Exception {
        server.attach(worker);
        kill(3);

        JsonNode all = JSON.readTree(get("/queue/dead").body());
        JsonNode two = JSON.readTree(get("/queue/dead?limit=2").body());

        assertThat(all.path("total").asInt()).isEqualTo(3);
        assertThat(all.path("dead")).hasSize(3);
        assertThat(all.at("/dead/0/id").asText()).isEqualTo("dead-0");
        assertThat(all.at("/dead/0/type").asText()).isEqualTo("task");
        assertThat(all.at("/dead/0/attempts").asInt()).isEqualTo(1);
        assertThat(all.at("/dead/0/reason").asText()).isEqualTo("no sense in dead-0");
        assertThat(all.at("/dead/0/at").asLong()).isPositive();
        assertThat(all.at("/dead/0/payload").isMissingNode()).isTrue();
        assertThat(two.path("dead")).hasSize(2);
        for (String limit : List.of("0", "-1", "1001", "x", "99999999999")) {
            assertRefused(get("/queue/dead?limit=" + limit), 400, "limit");
        }
    }

    @Test
    void retry_ids_waitAgain_andOthersArePassedOver() throws Exception {
        server.attach(worker);
        kill(3);

        HttpResponse<String> response = post("/queue/retry", "{\"ids\":[\"dead-1\",\"unknown\"]}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(response.body())).isEqualTo(JSON.readTree("{\"retried\":1}"));
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 0, 0, 2));
        assertThat(queue.reserve(1, Duration.ZERO).get(0).item())
                .isEqualTo(WorkItem.of("task", "dead-1").withAttempts(1));
    }

    @Test
    void retryAndDiscard_all_takeEachLetterOnce() throws Exception {
        server.attach(worker);
        kill(1_100);

        assertThat(post("/queue/retry", "{\"all\":true}").body()).isEqualTo("{\"retried\":1100}");
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(1_100, 0, 0, 0));
        for (int done = 0; done < 1_100; ) {
            List<Lease> leases = queue.reserve(1_100, Duration.ZERO);
            queue.settle(leases.stream()
                    .map(lease -> new Settlement.Failed(lease, "again", false, null))
                    .toList());
            done += leases.size();
        }
        assertThat(post("/queue/discard", "{\"all\":true}").body()).isEqualTo("{\"discarded\":1100}");
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    void discard_ids_areDeleted() throws Exception {
        server.attach(worker);
        kill(2);

        assertThat(post("/queue/discard", "{\"ids\":[\"dead-0\"]}").body()).isEqualTo("{\"discarded\":1}");
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 1));
    }

    @Test
    void retryAndDiscard_whatIsNoList_is400_andChangesNothing() throws Exception {
        server.attach(worker);
        kill(1);
        List<String> bodies = List.of(
                "",
                "null",
                "[]",
                "{}",
                "{\"all\":false}",
                "{\"all\":\"yes\"}",
                "{\"ids\":\"dead-0\"}",
                "{\"ids\":[1]}",
                "{\"ids\":[\"dead-0\"],\"all\":true}",
                "not json");
        for (String path : List.of("/queue/retry", "/queue/discard")) {
            for (String body : bodies) {
                assertRefused(post(path, body), 400, "");
            }
            assertRefused(send(at(path).POST(BodyPublishers.ofString("{\"all\":true}"))), 401, "token");
            HttpRequest.Builder elsewhere = at(path).header("authorization", "Bearer " + TOKEN)
                    .header("origin", "https://elsewhere.example")
                    .POST(BodyPublishers.ofString("{\"all\":true}"));
            assertRefused(send(elsewhere), 403, "other sites");
        }
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 1));
    }

    // ---- progress, metrics, page

    @Test
    void progress_containsCountsSizesAndErrors() throws Exception {
        server.attach(worker.start());
        post("/work", "[" + ITEM + ",{\"type\":\"task\",\"id\":\"worse\",\"payload\":\"bad\"}]");
        assertThat(worker.awaitIdle(Duration.ofSeconds(60))).isTrue();

        JsonNode progress = JSON.readTree(get("/progress").body());

        assertThat(progress.at("/worker/state").asText()).isEqualTo("running");
        assertThat(progress.at("/worker/concurrency").asInt()).isEqualTo(4);
        assertThat(progress.at("/types/task/done").asInt()).isEqualTo(1);
        assertThat(progress.at("/types/task/dead").asInt()).isEqualTo(1);
        assertThat(progress.at("/types/task/units").asInt()).isEqualTo(5);
        assertThat(progress.at("/queue/dead").asInt()).isEqualTo(1);
        assertThat(progress.at("/rates/donePerSecond")).hasSize(60);
        assertThat(progress.at("/errors/0/id").asText()).isEqualTo("worse");
        assertThat(progress.at("/errors/0/reason").asText()).isEqualTo("no sense in it");
    }

    @Test
    void metrics_describeWorkerAndQueue_inPrometheusTextFormat() throws Exception {
        server.attach(worker.start());
        post("/work", "[" + ITEM + ",{\"type\":\"task\",\"id\":\"b\",\"payload\":\"bad\"}]");
        // written by another program: the HTTP endpoint would reject it
        queue.enqueue(WorkItem.of("qu\"o\\te\n", "odd"));
        assertThat(worker.awaitIdle(Duration.ofSeconds(60))).isTrue();

        HttpResponse<String> response = get("/metrics");

        assertThat(response.headers().firstValue("content-type")).contains("text/plain; version=0.0.4; charset=utf-8");
        List<String> samples = parse(response.body());
        assertThat(samples)
                .contains(
                        "all_docs_worker_up 1.0",
                        "all_docs_worker_concurrency 4.0",
                        "all_docs_worker_lost_leases_total 0.0",
                        "all_docs_worker_items_total{outcome=\"done\",type=\"task\"} 1.0",
                        "all_docs_worker_items_total{outcome=\"dead\",type=\"task\"} 1.0",
                        "all_docs_worker_items_total{outcome=\"dead\",type=\"qu\\\"o\\\\te\\n\"} 1.0",
                        "all_docs_worker_item_duration_seconds_count{type=\"task\"} 2",
                        "all_docs_worker_units_total{type=\"task\"} 5.0",
                        "all_docs_queue_items{queue=\"test\",state=\"dead\"} 2.0");
    }

    @Test
    void metrics_moduleIsNotOnClassPath_is404_andNamesTheArtifact() throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader()); // for the server's threads
        try (WorkerServer bare = WorkerServer.builder().build().start()) {
            bare.attach(worker.start());
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + bare.port() + "/metrics"))
                    .build();

            HttpResponse<String> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());

            assertRefused(response, 404, "io.alldocs:all-docs-prometheus");
        } finally {
            thread.setContextClassLoader(own);
        }
    }

    /**
     * Checks that each sample belongs to the metric announced last, by one HELP and one TYPE, and that no name is
     * announced twice.
     */
    private static List<String> parse(String text) {
        Pattern sample = Pattern.compile(
                "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{([a-zA-Z_][a-zA-Z0-9_]*=\"(\\\\[\\\\\"n]|[^\\\\\"\n])*\",?)*})?"
                        + " (-?[0-9.E-]+)");
        assertThat(text).endsWith("\n");
        Set<String> announced = new HashSet<>();
        List<String> samples = new ArrayList<>();
        String helped = "";
        String current = "";
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("# HELP ")) {
                helped = line.split(" ", 4)[2];
                assertThat(announced.add(helped)).as(line).isTrue();
            } else if (line.startsWith("# TYPE ")) {
                current = line.split(" ", 4)[2];
                assertThat(current).isEqualTo(helped);
                assertThat(line).matches(".* (counter|gauge|summary)");
                assertThat(line.endsWith("counter")).isEqualTo(current.endsWith("_total"));
            } else if (!line.isEmpty()) {
                Matcher matcher = sample.matcher(line);
                assertThat(matcher.matches()).as(line).isTrue();
                assertThat(matcher.group(1).replaceFirst("_seconds_(count|sum)$", "_seconds"))
                        .isEqualTo(current);
                assertThat(samples).as("twice").doesNotContain(line);
                samples.add(line);
            }
        }
        return samples;
    }

    @Test
    void page_isOneFile_thatLoadsNothingElse() throws Exception {
        HttpResponse<String> response = get("/");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
        assertThat(response.headers().firstValue("content-security-policy").orElse(""))
                .contains("default-src 'none'");
        assertThat(response.body())
                .doesNotContain("src=", "@import", "innerHTML")
                .contains("fetch('progress'");
        assertThat(response.body().replace("http://www.w3.org/2000/svg", "")).doesNotContain("http://", "https://");
    }

    @Test
    void build_portInUse_saysWhere() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            assertThatThrownBy(() -> WorkerServer.builder()
                            .host("0.0.0.0")
                            .port(taken.getLocalPort())
                            .build())
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("port " + taken.getLocalPort());
        }
    }

    @Test
    void threadsOfTheJdk_belongToTheGroupThatReportsTheirEnd() {
        assertThat(Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getThreadGroup() instanceof ServerThreads)
                        .map(Thread::getName))
                .contains("HTTP-Dispatcher", "idle-timeout-task");
    }
}
