package io.alldocs.cache;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A body in a temporary file that only this object can reach: where the system allows it, the file loses its name at once, so that not even a killed
 * process leaves it behind. Not a FileChannel: an interrupted reader would close that for all others.
 */
final class SpoolFile implements Body {
    private static final System.Logger LOG = System.getLogger(SpoolFile.class.getName());

    private final Path path;
    private final RandomAccessFile file;
    private long size;

    /** @param directory made when it is not there */
    SpoolFile(Path directory) throws IOException {
        Files.createDirectories(directory);
        this.path = Files.createTempFile(directory, "all-docs-body-", ".tmp");
        this.file = new RandomAccessFile(path.toFile(), "rw");
        deleteName();
    }

    private void deleteName() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Some systems keep the name of an open file; close() tries again.
            LOG.log(System.Logger.Level.TRACE, "{0} keeps its name until it is closed", path);
        }
    }

    /** By the thread that fills it, before anyone reads. */
    void append(byte[] bytes, int offset, int length) throws IOException {
        file.write(bytes, offset, length);
        size += length;
    }

    @Override
    public long sizeBytes() {
        return size;
    }

    @Override
    public InputStream openStream() {
        return new PositionedStream();
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "Cannot close the temporary file " + path, e);
        }
        deleteName();
    }

    private synchronized int readAt(long position, byte[] buffer, int offset, int length) throws IOException {
        file.seek(position);
        return file.read(buffer, offset, length);
    }

    private final class PositionedStream extends InputStream {
        private long position;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, buffer.length);
            if (length == 0) {
                return 0;
            }
            int count = readAt(position, buffer, offset, length);
            position += Math.max(count, 0);
            return count;
        }

        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, size - position);
        }
    }
}
