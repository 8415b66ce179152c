/**
 * Reports on a job at any time: what the registry has, what the cache holds, and what lies between the two.
 *
 * <p>{@link io.alldocs.sync.SyncReport} is the report, {@code Reporter} makes it, and there is one class for each way
 * to show it: lines of text, JSON, and a page for a browser that needs nothing but itself. A report never changes a
 * cache; a repair is a {@link io.alldocs.sync.Bootstrap}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.report;

import org.jspecify.annotations.NullMarked;
