package io.alldocs.cache.body;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;

/**
 * Immutable bytes of known size that can be read more than once. Closing a body deletes its temporary file and returns
 * its bytes to the {@link ByteBudget}. A body in memory stays readable after it is closed. Safe for concurrent reads.
 */
public interface Body extends AutoCloseable {

    /** Returns the number of bytes of a stream. */
    long sizeBytes();

    /**
     * Opens a new stream that starts at the first byte.
     *
     * @throws IOException if the bytes are not accessible
     */
    InputStream openStream() throws IOException;

    /**
     * Returns all bytes, as many as the stream contains, even if that differs from {@link #sizeBytes}. Meant for small
     * bodies. The array may be the body's own and must not be modified.
     *
     * @throws IOException if the bytes cannot be read, or are more than an array can hold
     */
    default byte[] toByteArray() throws IOException {
        if (sizeBytes() > Integer.MAX_VALUE - 8) {
            throw new IOException("The body of " + sizeBytes() + " bytes is too large for a byte array.");
        }
        try (InputStream in = openStream()) {
            // Allocate the full size at once: a growing array needs twice the heap.
            byte[] bytes = new byte[(int) sizeBytes()];
            int count = in.readNBytes(bytes, 0, bytes.length);
            byte[] rest = in.readAllBytes();
            if (count == bytes.length && rest.length == 0) {
                return bytes;
            }
            byte[] all = Arrays.copyOf(bytes, count + rest.length);
            System.arraycopy(rest, 0, all, count, rest.length);
            return all;
        }
    }

    @Override
    default void close() {}

    /** Wraps {@code bytes} without copying. The caller must not modify the array afterwards. */
    static Body of(byte[] bytes) {
        return new MemoryBody(bytes, 0, bytes.length);
    }

    /**
     * Wraps a range of {@code bytes} without copying. The caller must not modify the array afterwards.
     *
     * @throws IndexOutOfBoundsException if the range is not within the array
     */
    static Body of(byte[] bytes, int offset, int length) {
        return new MemoryBody(bytes, Objects.checkFromIndexSize(offset, length, bytes.length), length);
    }
}
