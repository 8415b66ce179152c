package io.alldocs.cache;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.SharedBody;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;

/**
 * A verified value read from a store. Its reader closes it, or passes its body on.
 *
 * @param format format in which the value is stored
 */
record Stored(EntryMetadata head, Body body, EntryFormat format) implements AutoCloseable {

    /** Returns the value with a body for another owner. */
    Stored share() {
        return new Stored(head, SharedBody.share(body), format);
    }

    @Override
    public void close() {
        body.close();
    }
}
