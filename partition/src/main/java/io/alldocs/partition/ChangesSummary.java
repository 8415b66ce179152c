package io.alldocs.partition;

/**
 * The result of a replay of the {@code _changes} feed.
 *
 * @param since position at which the replay began
 * @param last position at which it ended; start the next replay there
 * @param pages number of pages that contained changes
 * @param changes number of changes, without {@code _design/…} documents
 * @param deleted number of those changes that deleted a document
 */
public record ChangesSummary(Sequence since, Sequence last, long pages, long changes, long deleted) {}
