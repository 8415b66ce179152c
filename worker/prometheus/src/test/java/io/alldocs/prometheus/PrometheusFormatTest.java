package io.alldocs.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.metrics.Metric;
import io.alldocs.cache.metrics.MetricsPage;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PrometheusFormatTest {
    private static final List<Metric> METRICS = List.of(
            Metric.counter("all_docs_test_items_total", "Items, by type.")
                    .sample(3, "type", "fetch")
                    .sample(1, "type", "qu\"o\\te\n"),
            Metric.gauge("all_docs_test_lag_seconds", "Time \\ lag.", 1.5),
            Metric.summary("all_docs_test_wait_seconds", "Waits.").observations(4, 2.25, "host", "a"),
            Metric.histogram("all_docs_test_size_bytes", "Sizes.")
                    .buckets(List.of(1.0, 10.0), List.of(2L, 3L, 4L), 99));

    private static String text(MetricsPage page) {
        return new String(page.body(), StandardCharsets.UTF_8);
    }

    @Test
    void page_withoutAcceptHeader_isTextFormat() {
        MetricsPage page = MetricsPage.of(() -> METRICS, null).orElseThrow();

        assertThat(page.contentType()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(text(page)).isEqualTo("""
                        # HELP all_docs_test_items_total Items, by type.
                        # TYPE all_docs_test_items_total counter
                        all_docs_test_items_total{type="fetch"} 3.0
                        all_docs_test_items_total{type="qu\\"o\\\\te\\n"} 1.0
                        # HELP all_docs_test_lag_seconds Time \\\\ lag.
                        # TYPE all_docs_test_lag_seconds gauge
                        all_docs_test_lag_seconds 1.5
                        # HELP all_docs_test_size_bytes Sizes.
                        # TYPE all_docs_test_size_bytes histogram
                        all_docs_test_size_bytes_bucket{le="1.0"} 2
                        all_docs_test_size_bytes_bucket{le="10.0"} 5
                        all_docs_test_size_bytes_bucket{le="+Inf"} 9
                        all_docs_test_size_bytes_count 9
                        all_docs_test_size_bytes_sum 99.0
                        # HELP all_docs_test_wait_seconds Waits.
                        # TYPE all_docs_test_wait_seconds summary
                        all_docs_test_wait_seconds_count{host="a"} 4
                        all_docs_test_wait_seconds_sum{host="a"} 2.25
                        """);
    }

    @Test
    void page_clientAcceptsOpenMetrics_isOpenMetrics() {
        MetricsPage page = MetricsPage.of(() -> METRICS, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
                .orElseThrow();

        assertThat(page.contentType()).isEqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8");
        assertThat(text(page))
                .contains("# TYPE all_docs_test_items counter\n", "# UNIT all_docs_test_lag_seconds seconds\n")
                .endsWith("# EOF\n");
    }

    @Test
    void page_sameNameOrLabelsTwice_isRejected() {
        Metric gauge = Metric.gauge("all_docs_test_size_bytes", "Sizes.", 1);

        assertThatThrownBy(() -> MetricsPage.of(() -> List.of(gauge, gauge), null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("all_docs_test_size_bytes");
        assertThatThrownBy(() -> MetricsPage.of(
                        () -> List.of(Metric.gauge("all_docs_x", "X.")
                                .sample(1, "a", "b")
                                .sample(2, "a", "b")),
                        null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Metric.counter("all_docs_items", "Items."))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("_total");
    }

    @Test
    void page_moduleIsNotOnClassPath_isEmpty() throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        try (URLClassLoader bare = new URLClassLoader(new URL[0], ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(bare);

            assertThat(MetricsPage.isAvailable()).isFalse();
            assertThat(MetricsPage.of(() -> METRICS, null)).isEmpty();
        } finally {
            thread.setContextClassLoader(own);
        }
        assertThat(MetricsPage.isAvailable()).isTrue();
        assertThat(MetricsPage.MISSING).contains("io.alldocs:all-docs-prometheus");
    }

    /** Prints whether a page is available; with an argument, also prints a page. */
    static final class Asking {
        private Asking() {}

        public static void main(String[] args) {
            System.out.println("available " + MetricsPage.isAvailable());
            if (args.length > 0) {
                System.out.println("page " + MetricsPage.of(() -> METRICS, null).isPresent());
            }
        }
    }

    @Test
    void library_isLoadedWithTheFirstPage_notBefore() throws Exception {
        assertThat(classesLoadedBy()).contains("available true").doesNotContain(" io.prometheus.");
        assertThat(classesLoadedBy("page")).contains("page true").contains(" io.prometheus.metrics.model.");
    }

    private static String classesLoadedBy(String... arguments) throws Exception {
        String classPath = Arrays.stream(
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                                .split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty())
                .reduce((a, b) -> a + File.pathSeparator + b)
                .orElseThrow();
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load",
                "-cp",
                classPath,
                Asking.class.getName());
        java.command().addAll(List.of(arguments));
        Process process = java.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return output;
    }
}
