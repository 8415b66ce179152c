/**
 * The bytes of entries: a body, how it is received, decoded and checked, and how much heap all bodies use together.
 * This package knows nothing of stores and keys. Start with {@link io.alldocs.cache.body.Body}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.body;

import org.jspecify.annotations.NullMarked;
