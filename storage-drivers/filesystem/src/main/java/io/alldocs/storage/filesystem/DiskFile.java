package io.alldocs.storage.filesystem;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/** File operations that complete even if the thread is interrupted. */
final class DiskFile {
    private static final boolean WINDOWS = java.io.File.separatorChar == '\\';

    private DiskFile() {}

    /**
     * Reads the whole file; empty if it does not exist. A stat checks for existence, because an exception for each miss
     * costs more than reading a hit.
     */
    static Optional<byte[]> read(Path path) throws IOException {
        long size = path.toFile().length();
        if (size == 0 && !path.toFile().exists()) {
            return Optional.empty();
        }
        try {
            return Optional.of(onFile(path, () -> {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                    return readAll(channel, size);
                }
            }));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Reads to the end of the file. Other processes may append or truncate during the read. */
    private static byte[] readAll(FileChannel channel, long expected) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(expected + 1));
        while (channel.read(buffer) >= 0) {
            if (!buffer.hasRemaining()) {
                buffer = ByteBuffer.allocate(Math.multiplyExact(buffer.capacity(), 2))
                        .put(buffer.flip());
            }
        }
        return buffer.position() == buffer.capacity()
                ? buffer.array()
                : Arrays.copyOf(buffer.array(), buffer.position());
    }

    /**
     * Appends with a single write, so that appends of several processes do not interleave. Creates the file if it is
     * missing.
     *
     * @return the size of the file before the append
     */
    static long append(Path path, byte[] bytes, boolean sync) throws IOException {
        return onFile(path, () -> {
            try (FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.WRITE, StandardOpenOption.APPEND, StandardOpenOption.CREATE)) {
                long before = channel.size();
                writeAll(channel, ByteBuffer.wrap(bytes));
                if (sync) {
                    channel.force(true);
                }
                return before;
            }
        });
    }

    /**
     * Runs an operation to completion. Adds {@code path} to the errors of a channel (a full disk, a bad block), which
     * do not name the file.
     */
    static <T> T onFile(Path path, Uninterrupted.Operation<T> operation) throws IOException {
        try {
            return Uninterrupted.run(operation);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            FileSystemException named = new FileSystemException(path.toString(), null, e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    static void writeAll(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Renames a file, replacing an existing target. */
    static void replace(Path source, Path target) throws IOException {
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Makes renames and new files in {@code directory} durable across a power loss. Does nothing on Windows, which has
     * no such call.
     */
    static void syncDirectory(Path directory) throws IOException {
        if (!WINDOWS) {
            Uninterrupted.run(() -> {
                try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                    channel.force(true);
                    return true;
                }
            });
        }
    }

    /** Returns the directory of a file below the cache folder. */
    static Path parent(Path file) {
        return Objects.requireNonNull(file.getParent(), "a file in the cache folder");
    }
}
