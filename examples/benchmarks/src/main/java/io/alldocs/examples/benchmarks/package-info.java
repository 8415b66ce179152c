/**
 * Programs that torment the SDK: one jar, one command line.
 *
 * <p>They print counts and end with 0 only if the cache equals the origin. Nothing here is a timed test. A small
 * version of each program runs in this module's tests. Start at {@link io.alldocs.examples.benchmarks.Main}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
