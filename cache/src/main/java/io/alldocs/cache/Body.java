package io.alldocs.cache;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
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
     * All bytes, as many as there are even if the body says otherwise; meant for bodies known to be small. May be the body's own array: do not change it.
     *
     * @throws IOException when the bytes cannot be read, or are more than an array holds
     */
    default byte[] toByteArray() throws IOException {
        if (sizeBytes() > Integer.MAX_VALUE - 8) {
            throw new IOException("A body of " + sizeBytes() + " bytes does not fit into an array");
        }
        try (InputStream in = openStream()) {
            // Of its size from the beginning: an array that grows takes twice the heap.
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
