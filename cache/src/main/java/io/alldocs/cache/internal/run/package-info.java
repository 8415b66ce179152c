/**
 * Concurrent calls: workers, cancellation, and one load for concurrent requests. Not part of the API.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.internal.run;

import org.jspecify.annotations.NullMarked;
