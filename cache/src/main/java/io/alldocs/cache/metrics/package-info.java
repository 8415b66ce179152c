/**
 * The metrics that the servers of workers, mirrors and followers offer to monitoring systems, and the interface of the
 * module that writes them. A server describes its state as a list of {@link io.alldocs.cache.metrics.Metric}s;
 * {@link io.alldocs.cache.metrics.MetricsPage} writes them with the {@link io.alldocs.cache.metrics.MetricsFormat} on
 * the class path. The format of Prometheus is in {@code io.alldocs:all-docs-prometheus}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.metrics;

import org.jspecify.annotations.NullMarked;
