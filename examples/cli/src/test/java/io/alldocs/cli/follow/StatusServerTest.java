package io.alldocs.cli.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.metrics.Metric;
import io.alldocs.cli.UsageException;
import io.alldocs.http.JdkTransport;
import io.alldocs.partition.Sequence;
import io.alldocs.sync.SyncStatus;
import io.alldocs.sync.WireCounts;
import io.alldocs.sync.WorkCounts;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StatusServerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static SyncStatus status(OptionalLong lagRows) {
        return new SyncStatus(
                SyncStatus.State.FOLLOWING,
                null,
                Sequence.of(1_000),
                Sequence.of(1_250),
                OptionalLong.of(250),
                lagRows,
                Duration.ofMillis(1_500),
                NOW.minusSeconds(2),
                3,
                4,
                1,
                new WorkCounts(500, 400, 20, 10, 350, 40, 5, 2, 1),
                new WireCounts(900, 7, 0, 0, 12_345_678_901L),
                null,
                0,
                OptionalLong.empty());
    }

    private static HttpResponse<String> send(StatusServer server, String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.address().resolve(path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void metrics_areInTheFormatOfPrometheus() throws Exception {
        try (StatusServer server = StatusServer.start(
                StatusServer.LOOPBACK, 0, () -> status(OptionalLong.of(16)), Clock.fixed(NOW, ZoneOffset.UTC))) {
            HttpResponse<String> answer = send(server, "GET", "/metrics");

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("content-type"))
                    .hasValue("text/plain; version=0.0.4; charset=utf-8");
            assertThat(samples(answer.body()))
                    .containsEntry("all_docs_sync_state{state=\"following\"}", "1.0")
                    .containsEntry("all_docs_sync_state{state=\"waiting\"}", "0.0")
                    .containsEntry("all_docs_sync_sequence", "1000.0")
                    .containsEntry("all_docs_sync_origin_sequence", "1250.0")
                    .containsEntry("all_docs_sync_lag_sequences", "250.0")
                    .containsEntry("all_docs_sync_lag_changes", "16.0")
                    .containsEntry("all_docs_sync_lag_seconds", "1.5")
                    .containsEntry("all_docs_sync_contact_age_seconds", "2.0")
                    .containsEntry("all_docs_sync_pending_names", "3.0")
                    .containsEntry("all_docs_sync_stale_partitions", "4.0")
                    .containsEntry("all_docs_sync_feed_changes_total", "500.0")
                    .containsEntry("all_docs_sync_changes_total{deleted=\"false\"}", "380.0")
                    .containsEntry("all_docs_sync_changes_total{deleted=\"true\"}", "20.0")
                    .containsEntry("all_docs_sync_deleted_names_total", "10.0")
                    .containsEntry("all_docs_sync_given_up_names_total", "2.0")
                    .containsEntry("all_docs_sync_resets_total", "1.0")
                    .containsEntry("all_docs_sync_throttled_requests_total", "7.0")
                    .containsEntry("all_docs_sync_received_bytes_total", "1.2345678901E10")
                    .containsEntry("all_docs_http_stuck_threads", "0.0")
                    .containsEntry("all_docs_http_lost_clients_total", "0.0");
        }
    }

    @Test
    void metrics_unknownValues_areLeftOut() {
        assertThat(FollowMetrics.of(status(OptionalLong.empty()), NOW))
                .extracting(Metric::name)
                .contains("all_docs_sync_lag_seconds")
                .doesNotContain("all_docs_sync_lag_changes");
    }

    /**
     * Returns the samples. Asserts that each sample follows the HELP and TYPE lines of its metric, and that these lines
     * appear once.
     */
    private static Map<String, String> samples(String text) {
        Map<String, String> types = new HashMap<>();
        Map<String, String> samples = new HashMap<>();
        String helped = "";
        for (String line : text.split("\n", 0)) {
            String[] words = line.split(" ", 0);
            if (line.startsWith("# HELP ")) {
                helped = words[2];
            } else if (line.startsWith("# TYPE ")) {
                assertThat(words[2]).isEqualTo(helped).startsWith("all_docs_");
                assertThat(words[3]).isIn("counter", "gauge");
                assertThat(types.put(words[2], words[3])).as(line).isNull();
            } else {
                String metric = words[0].replaceAll("\\{.*", "");
                assertThat(types).containsKey(metric);
                assertThat(metric.endsWith("_total")).as(metric).isEqualTo("counter".equals(types.get(metric)));
                assertThat(samples.put(words[0], words[1])).as(line).isNull();
            }
        }
        assertThat(text).endsWith("\n");
        return samples;
    }

    @Test
    void metrics_moduleIsNotOnClassPath_are404_andNameTheArtifact() throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader()); // for the server's threads
        try (StatusServer server = StatusServer.start(
                StatusServer.LOOPBACK, 0, () -> status(OptionalLong.empty()), Clock.fixed(NOW, ZoneOffset.UTC))) {
            HttpResponse<String> answer = send(server, "GET", "/metrics");

            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(new ObjectMapper().readTree(answer.body()).path("error").asText())
                    .contains("io.alldocs:all-docs-prometheus");
        } finally {
            thread.setContextClassLoader(own);
        }
    }

    @Test
    void health_isTheStatusAsJson() throws Exception {
        try (StatusServer server = StatusServer.start(
                StatusServer.LOOPBACK, 0, () -> status(OptionalLong.empty()), Clock.fixed(NOW, ZoneOffset.UTC))) {
            HttpResponse<String> answer = send(server, "GET", "/health");

            JsonNode json = new ObjectMapper().readTree(answer.body());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(json.path("state").asText()).isEqualTo("following");
            assertThat(json.path("lagSequences").asLong()).isEqualTo(250);
            assertThat(json.path("lagRows").isNull()).isTrue();
            assertThat(json.path("lagSeconds").asDouble()).isEqualTo(1.5);
            assertThat(json.path("owed").asLong()).isEqualTo(3);
        }
    }

    @Test
    void health_threadsOfTheHttpClientThatHang_is503BeforeTheProcessIsOfNoUse() throws Exception {
        AtomicInteger stuck = new AtomicInteger(JdkTransport.MAX_STUCK_THREADS - 1);
        try (StatusServer server = StatusServer.start(
                StatusServer.LOOPBACK,
                0,
                () -> status(OptionalLong.empty()),
                Clock.fixed(NOW, ZoneOffset.UTC),
                stuck::get)) {
            assertThat(send(server, "GET", "/health").statusCode()).isEqualTo(200);

            stuck.incrementAndGet();

            HttpResponse<String> answer = send(server, "GET", "/health");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(new ObjectMapper().readTree(answer.body()).path("error").asText())
                    .isEqualTo("3 threads of the JDK's HTTP client hang. Restart this process.");
        }
    }

    @Test
    void server_onAllNetworks_isReachedAtEachAddress_andNotAtAnotherMachines() throws Exception {
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        try (StatusServer server = StatusServer.start("0.0.0.0", 0, () -> status(OptionalLong.empty()), clock)) {
            assertThat(server.address()).hasHost("0.0.0.0");
            URI other = URI.create("http://127.0.0.2:" + server.address().getPort() + "/health");
            assertThat(HTTP.send(HttpRequest.newBuilder(other).build(), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
        assertThatThrownBy(() -> StatusServer.start("192.0.2.1", 0, () -> status(OptionalLong.empty()), clock))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("192.0.2.1")
                .hasMessageContaining("--metrics-host");
    }

    @Test
    void otherRequests_areRefusedWithAReason() throws Exception {
        try (StatusServer server = StatusServer.start(
                StatusServer.LOOPBACK, 0, () -> status(OptionalLong.empty()), Clock.fixed(NOW, ZoneOffset.UTC))) {
            assertThat(send(server, "GET", "/nowhere").statusCode()).isEqualTo(404);
            HttpResponse<String> post = send(server, "POST", "/metrics");
            assertThat(post.statusCode()).isEqualTo(405);
            assertThat(post.headers().firstValue("allow")).hasValue("GET, HEAD");
            HttpResponse<String> head = send(server, "HEAD", "/health");
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();

            int taken = server.address().getPort();
            assertThatThrownBy(() -> StatusServer.start(
                            StatusServer.LOOPBACK, taken, () -> status(OptionalLong.empty()), Clock.systemUTC()))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining(String.valueOf(taken))
                    .hasMessageContaining("--metrics-port");
        }
    }
}
