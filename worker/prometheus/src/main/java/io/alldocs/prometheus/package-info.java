/**
 * Writes {@code /metrics} of workers, mirrors and followers with Prometheus's client library
 * (https://github.com/prometheus/client_java). The module has no API: it is found when it is on the class path.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.prometheus;

import org.jspecify.annotations.NullMarked;
