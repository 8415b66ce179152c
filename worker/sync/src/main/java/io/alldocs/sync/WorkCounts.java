package io.alldocs.sync;

/**
 * Counts the work of a {@link Bootstrap} and of following its feed since the process started.
 *
 * @param changes changes read from the feed
 * @param concerning changes of names of the job
 * @param deletions changes of names of the job that deleted a name
 * @param deleted names whose stored packument was deleted for such a change
 * @param fetched packuments and other outcomes received
 * @param unchanged names that the registry reported as unchanged
 * @param failures requests that failed after all their retries
 * @param givenUp names that were given up because the registry did not catch up with the feed
 * @param resets how often the feed began a new epoch
 */
public record WorkCounts(
        long changes,
        long concerning,
        long deletions,
        long deleted,
        long fetched,
        long unchanged,
        long failures,
        long givenUp,
        long resets) {}
