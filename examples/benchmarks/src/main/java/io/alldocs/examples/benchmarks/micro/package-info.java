/**
 * Benchmarks of single steps of the data path, for JMH.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.examples.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
