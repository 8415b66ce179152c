/**
 * Runs over many items with a bound on concurrency, and their result. Start with
 * {@link io.alldocs.cache.run.BoundedRun}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cache.run;

import org.jspecify.annotations.NullMarked;
