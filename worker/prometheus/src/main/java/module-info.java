/**
 * Writes {@code /metrics} with Prometheus's client library.
 *
 * @since 0.1.0
 */
@SuppressWarnings("requires-automatic") // The jars of Prometheus name their modules in their manifests only.
module io.alldocs.prometheus {
    requires transitive io.alldocs.cache;
    requires io.prometheus.metrics.model;
    requires io.prometheus.writer.text;
    requires static transitive org.jspecify;

    exports io.alldocs.prometheus;

    provides io.alldocs.cache.metrics.MetricsFormat with
            io.alldocs.prometheus.PrometheusFormat;
}
