/**
 * Keeps a cache current from the feed of changes, for as long as the process runs.
 *
 * <p>{@link io.alldocs.sync.Follower} is the program without a command line. It finishes the job's {@link
 * io.alldocs.sync.Bootstrap} first. The position in the feed is stored in the cache only, after the changes before it
 * are stored. A process that crashes therefore repeats at most one page.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.follow;

import org.jspecify.annotations.NullMarked;
