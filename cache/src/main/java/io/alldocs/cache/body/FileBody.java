package io.alldocs.cache.body;

import io.alldocs.cache.internal.body.FileBytes;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * A body in a file, for content that is too large for the heap. The file stays open until {@link #close}. Safe for
 * concurrent reads once it is filled. An interrupt of one reader does not affect the others.
 */
public final class FileBody implements Body {
    private final FileBytes bytes;

    private FileBody(FileBytes bytes) {
        this.bytes = bytes;
    }

    /**
     * Opens a file as a body. The bytes stay readable even if the file is removed or replaced later.
     *
     * @throws FileNotFoundException if the file does not exist or cannot be read
     * @throws IOException if its size cannot be determined
     */
    public static FileBody open(Path file) throws IOException {
        return new FileBody(FileBytes.open(file));
    }

    /**
     * Creates an empty body in a temporary file, to be filled with {@link #append}. Only this object can access the
     * file. Where the system allows it, the file is unlinked at once, so even a killed process does not leave it
     * behind.
     *
     * @param directory created if it does not exist
     * @throws IOException if no file can be created there
     */
    public static FileBody temporary(Path directory) throws IOException {
        return new FileBody(FileBytes.temporary(directory));
    }

    /**
     * Appends bytes to a temporary body. Only one thread may append, and it must finish before any read.
     *
     * @throws IOException if the bytes cannot be written, for example because the disk is full
     */
    public void append(byte[] source, int offset, int length) throws IOException {
        bytes.append(source, offset, length);
    }

    @Override
    public long sizeBytes() {
        return bytes.sizeBytes();
    }

    @Override
    public InputStream openStream() {
        return bytes.openStream();
    }

    @Override
    public void close() {
        bytes.close();
    }
}
