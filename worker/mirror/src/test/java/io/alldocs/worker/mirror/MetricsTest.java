package io.alldocs.worker.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.packument.VersionRule;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Checks the page of metrics and the listener of a mirror. */
@Timeout(120)
class MetricsTest {
    private static final URI REGISTRY = URI.create("https://registry.npmjs.com");

    /** Records events as words. */
    private static class Recorder implements MirrorListener {
        final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public void answered(String route, int status, Duration time) {
            assertThat(time).isPositive();
            events.add(route + " " + status);
        }

        @Override
        public void sent(long bytes) {
            events.add("sent " + bytes);
        }

        @Override
        public void happened(MirrorEvent event) {
            events.add(event.label());
        }

        @Override
        public void policyRefused(VersionRule rule) {
            events.add("refused " + rule.key());
        }
    }

    private static Bench bench(MirrorListener listener) {
        return new Bench(REGISTRY, new MemoryStorageDriver(), builder -> builder.listener(listener));
    }

    @Test
    void metrics_afterRequests_haveHelpTypesAndCounts() {
        try (Bench bench = new Bench()) {
            bench.store("alpha", Bench.gzip(Bench.packument("alpha", "1.0.0")));
            assertThat(bench.get("/alpha").statusCode()).isEqualTo(200);
            assertThat(bench.get("/beta").statusCode()).isEqualTo(404);

            HttpResponse<byte[]> page = bench.get("/-/metrics");

            assertThat(Bench.header(page, "content-type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
            assertThat(Bench.text(page))
                    .contains(
                            "# HELP all_docs_mirror_requests_total Completed requests, by route and HTTP status.\n",
                            "# TYPE all_docs_mirror_requests_total counter\n",
                            "all_docs_mirror_requests_total{route=\"packument\",status=\"200\"} 1.0\n",
                            "all_docs_mirror_requests_total{route=\"packument\",status=\"404\"} 1.0\n",
                            "# TYPE all_docs_mirror_request_duration_seconds histogram\n",
                            "all_docs_mirror_request_duration_seconds_count 2\n",
                            "all_docs_mirror_requests_in_progress 1.0\n",
                            "all_docs_mirror_memory_misses_total 2.0\n",
                            "all_docs_mirror_policy_removed_versions_total{rule=\"min-age\"} 0.0\n",
                            "all_docs_http_stuck_threads 0.0\n");
        }
    }

    @Test
    void metrics_clientAcceptsOpenMetrics_areInThatFormat() {
        try (Bench bench = new Bench()) {
            HttpResponse<byte[]> page =
                    bench.get("/-/metrics", "accept", "application/openmetrics-text; version=1.0.0");

            assertThat(Bench.header(page, "content-type")).startsWith("application/openmetrics-text");
            assertThat(Bench.text(page)).endsWith("# EOF\n");
        }
    }

    @Test
    void metrics_moduleIsNotOnClassPath_are404_andNameTheArtifact() {
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        try (Bench bench = new Bench()) {
            HttpResponse<byte[]> page = bench.get("/-/metrics");

            assertThat(page.statusCode()).isEqualTo(404);
            assertThat(Bench.json(page).path("error").asText()).contains("io.alldocs:all-docs-prometheus");
            assertThat(bench.mirror.endpoint().listener())
                    .as("nothing is counted")
                    .isSameAs(MirrorListener.NONE);
        } finally {
            thread.setContextClassLoader(own);
        }
    }

    @Test
    void listener_receivesRouteStatusBytesAndEvents() {
        Recorder recorder = new Recorder();
        try (Bench bench = bench(recorder)) {
            bench.store("alpha", Bench.gzip(Bench.packument("alpha", "1.0.0")));
            bench.get("/alpha", "accept-encoding", "gzip");
            bench.get("/alpha", "accept-encoding", "gzip");
            bench.get("/-/nowhere");
        }

        assertThat(recorder.events)
                .contains("packument 200", "unknown 404", "memory_misses", "memory_hits")
                .anyMatch(event -> event.startsWith("sent "));
    }

    @Test
    void listener_thatThrows_doesNotEndResponses() {
        MirrorListener throwing = new MirrorListener() {
            @Override
            public void answered(String route, int status, Duration time) {
                throw new IllegalStateException("of the test");
            }

            @Override
            public void happened(MirrorEvent event) {
                throw new IllegalStateException("of the test");
            }
        };
        try (Bench bench = bench(throwing)) {
            bench.store("alpha", Bench.gzip(Bench.packument("alpha", "1.0.0")));

            for (int i = 0; i < 3; i++) {
                assertThat(bench.get("/alpha").statusCode()).isEqualTo(200);
            }
            assertThat(bench.mirror.status().connections()).isEqualTo(1);
        }
    }
}
