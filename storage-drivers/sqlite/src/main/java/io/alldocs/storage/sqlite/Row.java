package io.alldocs.storage.sqlite;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import org.jspecify.annotations.Nullable;

/**
 * An entry as stored in the tables.
 *
 * @param head JSON, unless another program changed it
 * @param body null if its rows are missing
 */
record Row(long id, String key, String head, @Nullable Body body) {

    Row withBody(@Nullable Body found) {
        return new Row(id, key, head, found);
    }

    /** @throws IntegrityException if the head is not valid */
    static EntryMetadata parse(String key, String head, Database database) {
        try {
            return EntryMetadata.parse(head);
        } catch (IntegrityException e) {
            throw new IntegrityException(
                    "The head of " + Failures.shown(key) + " in " + database + " is damaged; it was not served", e);
        }
    }
}
