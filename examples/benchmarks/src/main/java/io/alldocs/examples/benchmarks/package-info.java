/**
 * Benchmarks and chaos programs for the SDK: one jar, one command line.
 *
 * <p>The programs print counts; chaos programs exit with 0 only if the cache equals the origin. They are not timed
 * tests. A small version of each program runs in this module's tests. Start with
 * {@link io.alldocs.examples.benchmarks.Main}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
