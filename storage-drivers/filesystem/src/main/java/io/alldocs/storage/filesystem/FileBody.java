package io.alldocs.storage.filesystem;

import io.alldocs.cache.Body;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A large body that stays in its file. The file is kept open until {@link #close()}, so that it can be read although it is removed or replaced
 * meanwhile. Not a channel: an interrupt of one reader would close it for all.
 */
final class FileBody implements Body {
    private final RandomAccessFile file;
    private final long sizeBytes;

    FileBody(Path path) throws IOException {
        this.file = new RandomAccessFile(path.toFile(), "r");
        this.sizeBytes = file.length();
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
            throw Failures.of("close the file of a body", e);
        }
    }

    private int readAt(long position, byte[] bytes, int offset, int length) throws IOException {
        synchronized (file) {
            file.seek(position);
            return file.read(bytes, offset, length);
        }
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
        public long skip(long count) {
            long skipped = Math.max(0, Math.min(count, sizeBytes - position));
            position += skipped;
            return skipped;
        }

        @Override
        public int available() {
            return (int) Math.max(0, Math.min(Integer.MAX_VALUE, sizeBytes - position));
        }
    }
}
