/** Benchmarks of single steps of the data path, for JMH. */
@NullMarked
package io.alldocs.examples.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
