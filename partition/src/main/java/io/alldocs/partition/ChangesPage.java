package io.alldocs.partition;

import java.util.List;

/**
 * One response of a {@code _changes} feed.
 *
 * @param since position from which the page was requested
 * @param changes changes as the server sent them; a document may occur again in a later page
 * @param lastSeq position from which to continue after the changes are processed
 * @param rawResults number of results including {@code _design/…} documents, which {@code changes} leaves out; 0 at the
 *     end of the feed
 */
public record ChangesPage(Sequence since, List<Change> changes, Sequence lastSeq, int rawResults) {

    /** Copies the list. */
    public ChangesPage {
        changes = List.copyOf(changes);
    }
}
