/**
 * Micrometer (https://micrometer.io) metrics for HTTP clients, caches, sync jobs, workers and mirrors. Each class is a
 * listener; pass it to the builder of what it measures.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.micrometer;

import org.jspecify.annotations.NullMarked;
