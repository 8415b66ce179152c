package io.alldocs.storage.sqlite;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.FileBody;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.SQLException;

/** Bodies prepared for a transaction, so that no slow or failing read happens while the write lock is held. */
final class Content {
    private static final int BUFFER_BYTES = 64 * 1024;

    private Content() {}

    /**
     * A body that is ready to be written.
     *
     * @param head JSON
     */
    record Keyed(String key, String head, Body body) {}

    /**
     * Copies all of {@code body}: a small body into memory, a large body to a temporary file. The caller closes the
     * copy; {@code body} stays open.
     *
     * @throws EOFException if {@code body} returns a different number of bytes than its declared size
     */
    static Body of(Body body, Database database) throws IOException, SQLException {
        if (body.sizeBytes() > Database.PART_BYTES) {
            return copy(body, database.temporaryDirectory());
        }
        byte[] bytes = body.toByteArray();
        requireSize(body.sizeBytes(), bytes.length);
        return Body.of(bytes);
    }

    private static FileBody copy(Body body, Path directory) throws IOException {
        FileBody copy = FileBody.temporary(directory);
        try (InputStream in = body.openStream()) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                copy.append(buffer, 0, count);
            }
            requireSize(body.sizeBytes(), copy.sizeBytes());
            return copy;
        } catch (IOException | RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    private static void requireSize(long promised, long given) throws EOFException {
        if (promised != given) {
            throw new EOFException("the body has " + given + " bytes, but its declared size is " + promised);
        }
    }
}
