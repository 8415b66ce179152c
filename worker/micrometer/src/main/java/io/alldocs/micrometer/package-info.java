/**
 * Meters of Micrometer (https://micrometer.io) for HTTP clients, caches and sync jobs. Each class here is a listener
 * that is given to the builder of what it measures.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.micrometer;

import org.jspecify.annotations.NullMarked;
