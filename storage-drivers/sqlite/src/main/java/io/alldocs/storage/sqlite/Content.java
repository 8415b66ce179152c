package io.alldocs.storage.sqlite;

import io.alldocs.cache.Body;
import java.io.IOException;

/** Bodies in the shape in which a transaction takes them: nothing that is slow, or may break off, is read under the write lock. */
final class Content {
    private Content() {}

    /**
     * A body ready to be written.
     *
     * @param head JSON
     */
    record Keyed(String key, String head, Body body) {}

    /**
     * All of {@code body}: a small one in memory, a large one in a temporary file. To be closed; {@code body} stays open.
     *
     * @throws java.io.EOFException when {@code body} gives another number of bytes than it said
     */
    static Body of(Body body, Database database) throws IOException {
        if (body.sizeBytes() > Database.PART_BYTES) {
            return SpooledBody.copyOf(body, database.temporaryDirectory());
        }
        byte[] bytes = body.toByteArray();
        SpooledBody.requireSize(body.sizeBytes(), bytes.length);
        return Body.of(bytes);
    }
}
