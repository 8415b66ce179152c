/**
 * Workers as programs: one of them, and a fleet of processes on one machine that share a queue on Redis and a cache.
 *
 * <p>{@link io.alldocs.cli.worker.Fleet} is the program without a command line. It does none of the work itself: it
 * starts what does, restarts what dies, and looks until the checkpoint is complete. A fleet on many machines is the
 * same {@code worker} and {@code seed} commands, started by what starts processes there.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.worker;

import org.jspecify.annotations.NullMarked;
