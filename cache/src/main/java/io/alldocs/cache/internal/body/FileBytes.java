package io.alldocs.cache.internal.body;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes in an open file. Safe for concurrent reads once it is filled. It does not use a FileChannel, because an
 * interrupt of one reader would close the channel for all.
 */
public final class FileBytes implements Closeable {
    private static final System.Logger LOG = System.getLogger(FileBytes.class.getName());

    private final Path path;
    private final RandomAccessFile file;
    private final ReentrantLock lock = new ReentrantLock();
    private final boolean temporary;
    private long sizeBytes;

    private FileBytes(Path path, String mode, boolean temporary) throws IOException {
        this.path = path;
        this.file = new RandomAccessFile(path.toFile(), mode);
        this.temporary = temporary;
        this.sizeBytes = file.length();
    }

    /**
     * Opens a file. The bytes stay readable even if the file is removed or replaced later.
     *
     * @throws FileNotFoundException if the file does not exist or cannot be read
     * @throws IOException if its size cannot be determined
     */
    public static FileBytes open(Path file) throws IOException {
        return new FileBytes(file, "r", false);
    }

    /**
     * Creates an empty temporary file, to be filled with {@link #append}. Only this object can access the
     * file. Where the system allows it, the file is unlinked at once, so even a killed process does not leave it
     * behind.
     *
     * @param directory created if it does not exist
     * @throws IOException if no file can be created there
     */
    public static FileBytes temporary(Path directory) throws IOException {
        Files.createDirectories(directory);
        FileBytes bytes = new FileBytes(Files.createTempFile(directory, "all-docs-body-", ".tmp"), "rw", true);
        bytes.deleteName();
        return bytes;
    }

    /**
     * Appends bytes to a temporary file. Only one thread may append, and it must finish before any read.
     *
     * @throws IOException if the bytes cannot be written, for example because the disk is full
     */
    public void append(byte[] bytes, int offset, int length) throws IOException {
        file.write(bytes, offset, length);
        sizeBytes += length;
    }

    /** Returns the number of bytes. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Opens a new stream that starts at the first byte. */
    public InputStream openStream() {
        return new Reader();
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "Cannot close " + path, e);
        }
        if (temporary) {
            deleteName();
        }
    }

    private void deleteName() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Some systems do not delete an open file; close() tries again.
            LOG.log(
                    System.Logger.Level.TRACE,
                    "{0} cannot be deleted while it is open. It is deleted when it is closed.",
                    path);
        }
    }

    private int readAt(long position, byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            file.seek(position);
            return file.read(bytes, offset, length);
        } finally {
            lock.unlock();
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
