package io.alldocs.cache;

import java.io.IOException;
import java.io.InputStream;

/** Bytes of known size that can be read more than once. Closing frees a spooled file; memory bodies ignore it. Safe for concurrent reads. */
public interface Body extends AutoCloseable {

    long sizeBytes();

    InputStream openStream() throws IOException;

    /** All bytes; meant for bodies known to be small. */
    default byte[] toByteArray() throws IOException {
        try (InputStream in = openStream()) {
            return in.readAllBytes();
        }
    }

    @Override
    default void close() {}

    /** Wraps {@code bytes} without copying: the caller gives them away. */
    static Body of(byte[] bytes) {
        throw new AssertionError("skeleton");
    }

}
