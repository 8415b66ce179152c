/**
 * Reports on a job at any time: what the registry has, what is cached, and how the two differ.
 *
 * <p>{@code Reporter} creates a {@link io.alldocs.sync.SyncReport}. One class for each format writes it: lines of text,
 * JSON, and a self-contained page for browsers. A report never changes a cache; a repair is a {@link
 * io.alldocs.sync.Bootstrap}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.report;

import org.jspecify.annotations.NullMarked;
