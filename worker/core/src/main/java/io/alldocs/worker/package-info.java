/**
 * Workers: {@link io.alldocs.worker.WorkItem items} that a {@link io.alldocs.worker.spi.WorkQueue} hands out are done by
 * {@code Processor}s, by one process or a fleet. Any of them may die at any time: what it held is done again by another.
 */
@NullMarked
package io.alldocs.worker;

import org.jspecify.annotations.NullMarked;
