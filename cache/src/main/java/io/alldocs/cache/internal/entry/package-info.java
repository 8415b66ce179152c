/**
 * Parts of a stored entry: its headers, its freshness, and the memory in front of the store. Not part of the API.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.internal.entry;

import org.jspecify.annotations.NullMarked;
