package io.alldocs.sync;

import io.alldocs.partition.Sequence;

/**
 * A part of the feed that was replayed.
 *
 * @param since where it began
 * @param to the recorded sequence after it
 * @param changes changes in it
 * @param pendingRetries names of the job that are to be retried
 * @param end whether the end of the feed is reached
 */
public record ReplayWindow(Sequence since, Sequence to, long changes, long pendingRetries, boolean end) {}
