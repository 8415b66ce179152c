/**
 * Keeps a cache current from the feed of changes, for as long as the process lives.
 *
 * <p>{@link io.alldocs.sync.Follower} is the program without a command line; it begins with what is left of the job's
 * {@link io.alldocs.sync.Bootstrap}. Nothing is known of a position in the feed but what is written down in the cache,
 * after the data it speaks of, so that a process that dies repeats at most one page.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.follow;

import org.jspecify.annotations.NullMarked;
