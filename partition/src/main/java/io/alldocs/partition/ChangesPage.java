package io.alldocs.partition;

import java.util.List;

/**
 * One answer of a {@code _changes} feed.
 *
 * @param since position asked from
 * @param changes as the server sent them; a document may come again in a later page
 * @param lastSeq position to go on from, once the changes are dealt with
 * @param rawResults results before {@code _design/…} documents were left out; 0 at the end of the feed
 */
public record ChangesPage(Sequence since, List<Change> changes, Sequence lastSeq, int rawResults) {

    /** Copies the list. */
    public ChangesPage {
        changes = List.copyOf(changes);
    }
}
