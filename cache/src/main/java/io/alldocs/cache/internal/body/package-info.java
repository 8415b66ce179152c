/**
 * The bytes of bodies: gzip, files and digests. Not part of the API.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.internal.body;

import org.jspecify.annotations.NullMarked;
