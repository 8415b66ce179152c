package io.alldocs.prometheus;

import io.alldocs.cache.metrics.Metric;
import io.alldocs.cache.metrics.MetricsFormat;
import io.alldocs.cache.metrics.MetricsPage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The formats of Prometheus: the text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/), or
 * OpenMetrics 1.0.0 for a client that accepts it. Found by {@link java.util.ServiceLoader}. Loads Prometheus's library
 * with the first page. Safe for concurrent use.
 */
public final class PrometheusFormat implements MetricsFormat {
    /** Called by {@link java.util.ServiceLoader}. */
    public PrometheusFormat() {}

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public MetricsPage write(List<Metric> metrics, @Nullable String accept) {
        return Snapshots.write(metrics, accept);
    }
}
