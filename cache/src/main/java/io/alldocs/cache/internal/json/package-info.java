/**
 * How this module reads, writes and checks JSON. Not part of the API.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.internal.json;

import org.jspecify.annotations.NullMarked;
