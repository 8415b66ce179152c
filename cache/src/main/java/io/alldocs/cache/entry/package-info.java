/**
 * What is known of an entry without its body: its metadata, its form in JSON, and where it came from. Start with
 * {@link io.alldocs.cache.entry.EntryMetadata}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.entry;

import org.jspecify.annotations.NullMarked;
