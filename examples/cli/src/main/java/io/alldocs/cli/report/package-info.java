/**
 * Reports on a job at any time. A report shows what the registry has, what is cached, and how the two differ.
 *
 * <p>{@code Reporter} creates a {@link io.alldocs.sync.SyncReport}. For each format, one class writes the report: lines
 * of text, JSON, or a self-contained page for browsers. A report never changes a cache; a repair is a
 * {@link io.alldocs.sync.Bootstrap}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.report;

import org.jspecify.annotations.NullMarked;
