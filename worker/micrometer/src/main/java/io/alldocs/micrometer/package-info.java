/**
 * Micrometer (https://micrometer.io) metrics for HTTP clients, caches and sync jobs. Each class is a listener; pass it
 * to the builder of the client, cache or job to measure.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.micrometer;

import org.jspecify.annotations.NullMarked;
