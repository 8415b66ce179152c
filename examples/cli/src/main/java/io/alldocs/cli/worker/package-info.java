/**
 * Programs that run workers: a single worker, or a fleet. A fleet is a set of processes on one machine that share a
 * Redis queue and a cache.
 *
 * <p>{@link io.alldocs.cli.worker.Fleet} is the program without a command line. It starts the processes that do the
 * work, restarts those that crash, and polls until the checkpoint is complete. A fleet on several machines uses the
 * same {@code worker} and {@code seed} commands, started by a tool such as Kubernetes.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.worker;

import org.jspecify.annotations.NullMarked;
