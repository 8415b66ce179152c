package io.alldocs.storage.sqlite;

import io.alldocs.cache.Body;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A large body in a temporary file, on its way into the database or out of it. On the way in, so that a slow or breaking stream never holds the
 * write lock; on the way out, so that the body stays readable without a read transaction, which would keep the log from being emptied. The file
 * loses its name at once where the system allows it. Not a channel: an interrupt of one reader would close it for all.
 */
final class SpooledBody implements Body {
    private static final Logger LOG = System.getLogger(SpooledBody.class.getName());
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Path path;
    private final RandomAccessFile file;
    private long sizeBytes;

    private SpooledBody(Path directory) throws IOException {
        this.path = Files.createTempFile(directory, "all-docs-sqlite-", ".tmp");
        this.file = new RandomAccessFile(path.toFile(), "rw");
        deleteName();
    }

    /** An empty one. */
    static SpooledBody in(Path directory) throws IOException {
        return new SpooledBody(directory);
    }

    /**
     * A copy.
     *
     * @throws EOFException when {@code body} gives another number of bytes than it said
     */
    static SpooledBody copyOf(Body body, Path directory) throws IOException {
        SpooledBody copy = in(directory);
        try (InputStream in = body.openStream()) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                copy.append(buffer, count);
            }
            requireSize(body.sizeBytes(), copy.sizeBytes);
            return copy;
        } catch (IOException | RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    static void requireSize(long promised, long given) throws EOFException {
        if (promised != given) {
            throw new EOFException("the body gave " + given + " bytes of the " + promised + " it should have");
        }
    }

    /** By the thread that fills it, before anyone reads. */
    void append(byte[] bytes, int length) throws IOException {
        file.write(bytes, 0, length);
        sizeBytes += length;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public InputStream openStream() {
        return new Reader();
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Cannot close the temporary file " + path, e);
        }
        deleteName();
    }

    private void deleteName() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.log(Level.TRACE, "{0} keeps its name until it is closed", path);
        }
    }

    private synchronized int readAt(long position, byte[] bytes, int offset, int length) throws IOException {
        file.seek(position);
        return file.read(bytes, offset, length);
    }

    private final class Reader extends InputStream {
        private long position;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            if (length == 0) {
                return 0;
            }
            int count = readAt(position, bytes, offset, length);
            position += Math.max(count, 0);
            return count;
        }

        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, sizeBytes - position);
        }
    }
}
