/**
 * The text of keys: origins, UTF-8 and hex. Not part of the API.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.internal.key;

import org.jspecify.annotations.NullMarked;
