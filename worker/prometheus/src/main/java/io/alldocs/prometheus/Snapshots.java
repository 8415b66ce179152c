package io.alldocs.prometheus;

import io.alldocs.cache.metrics.Metric;
import io.alldocs.cache.metrics.MetricsPage;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Converts metrics to the library's snapshots, and writes them. The only class that uses the library. */
final class Snapshots {
    /** A timestamp of 0 is not written. */
    private static final long NO_TIMESTAMP = 0;

    private Snapshots() {}

    static MetricsPage write(List<Metric> metrics, @Nullable String accept) {
        ExpositionFormatWriter writer = ExpositionFormats.init().findWriter(accept);
        MetricSnapshots snapshots =
                new MetricSnapshots(metrics.stream().map(Snapshots::of).toList());
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        try {
            writer.write(page, snapshots);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return new MetricsPage(writer.getContentType(), page.toByteArray());
    }

    private static MetricSnapshot of(Metric metric) {
        String name = metric.name();
        return switch (metric.type()) {
            case COUNTER ->
                new CounterSnapshot(
                        metadata(metric, name.substring(0, name.length() - "_total".length())),
                        points(
                                metric,
                                (sample) -> new CounterDataPointSnapshot(
                                        sample.value(), labels(sample), null, NO_TIMESTAMP)));
            case GAUGE ->
                new GaugeSnapshot(
                        metadata(metric, name),
                        points(metric, sample -> new GaugeDataPointSnapshot(sample.value(), labels(sample), null)));
            case SUMMARY ->
                new SummarySnapshot(
                        metadata(metric, name),
                        points(
                                metric,
                                sample -> new SummaryDataPointSnapshot(
                                        sample.count(),
                                        sample.value(),
                                        Quantiles.EMPTY,
                                        labels(sample),
                                        Exemplars.EMPTY,
                                        NO_TIMESTAMP)));
            case HISTOGRAM ->
                new HistogramSnapshot(
                        metadata(metric, name),
                        points(
                                metric,
                                sample -> new HistogramDataPointSnapshot(
                                        buckets(sample),
                                        sample.value(),
                                        labels(sample),
                                        Exemplars.EMPTY,
                                        NO_TIMESTAMP)));
        };
    }

    private static <P> List<P> points(Metric metric, Function<Metric.Sample, P> point) {
        return metric.samples().stream().map(point).toList();
    }

    /** The name of a unit is part of the metric's name, and OpenMetrics also declares it. */
    private static MetricMetadata metadata(Metric metric, String name) {
        Unit unit = name.endsWith("_seconds") ? Unit.SECONDS : name.endsWith("_bytes") ? Unit.BYTES : null;
        return new MetricMetadata(name, metric.help(), unit);
    }

    private static Labels labels(Metric.Sample sample) {
        return Labels.of(sample.labels().toArray(String[]::new));
    }

    private static ClassicHistogramBuckets buckets(Metric.Sample sample) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < sample.bounds().size(); i++) {
            buckets.bucket(sample.bounds().get(i), sample.counts().get(i));
        }
        return buckets.bucket(
                        Double.POSITIVE_INFINITY,
                        sample.counts().get(sample.bounds().size()))
                .build();
    }
}
