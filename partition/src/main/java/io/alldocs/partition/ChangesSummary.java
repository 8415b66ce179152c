package io.alldocs.partition;

/**
 * What a replay of the {@code _changes} feed brought.
 *
 * @param since where it began
 * @param last where it ended: the position to begin the next replay at
 * @param pages answers that held changes
 * @param changes changes in them, {@code _design/…} documents left out
 * @param deleted those of them that deleted a document
 */
public record ChangesSummary(Sequence since, Sequence last, long pages, long changes, long deleted) {}
