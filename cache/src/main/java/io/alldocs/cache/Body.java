package io.alldocs.cache;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * Bytes of known size that can be read more than once and never change. Closing frees a spooled file and gives heap back to its {@link ByteBudget};
 * bodies in memory stay readable afterwards. Safe for concurrent reads.
 */
public interface Body extends AutoCloseable {

    /** How many bytes a stream gives. */
    long sizeBytes();

    /**
     * A new stream from the first byte on.
     *
     * @throws IOException when the bytes cannot be reached
     */
    InputStream openStream() throws IOException;

    /**
     * All bytes; meant for bodies known to be small. May be the body's own array: do not change it.
     *
     * @throws IOException when the bytes cannot be read
     */
    default byte[] toByteArray() throws IOException {
        try (InputStream in = openStream()) {
            return in.readAllBytes();
        }
    }

    @Override
    default void close() {}

    /** Wraps {@code bytes} without copying: the caller gives them away. */
    static Body of(byte[] bytes) {
        return new MemoryBody(bytes, 0, bytes.length);
    }

    /**
     * Wraps a stretch of {@code bytes} without copying: the caller gives them away.
     *
     * @throws IndexOutOfBoundsException when the stretch is not in the array
     */
    static Body of(byte[] bytes, int offset, int length) {
        return new MemoryBody(bytes, Objects.checkFromIndexSize(offset, length, bytes.length), length);
    }
}
