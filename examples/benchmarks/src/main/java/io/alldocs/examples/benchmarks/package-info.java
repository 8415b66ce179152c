/**
 * Programs that measure and torment the SDK: one jar, one command line.
 *
 * <p>Figures are ratios of things measured in one run, beside each other, and counts; nothing here is a timed test. A small version of each program runs in
 * this module's tests, for what it proves, not for its figures. Start at {@link io.alldocs.examples.benchmarks.Main}.
 */
@NullMarked
package io.alldocs.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
