package io.alldocs.cache.entry;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.internal.body.Integrity;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compares bodies with the size and digest in their metadata. */
final class BodyCheck {
    private BodyCheck() {}

    /** Implements {@link EntryMetadata#describes(Body)}. */
    static boolean describes(EntryMetadata head, Body body) throws IOException {
        Integrity expected = expected(head.integrity());
        if (body.sizeBytes() != head.sizeBytes()) {
            return false;
        }
        try (InputStream in = body.openStream()) {
            return expected.matches(in, head.sizeBytes());
        }
    }

    /** Implements {@link EntryMetadata#describes(byte[], int, int)}. */
    static boolean describes(EntryMetadata head, byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        return length == head.sizeBytes() && expected(head.integrity()).matches(bytes, offset, length);
    }

    /**
     * Returns the digest that a body must have.
     *
     * @param sri null if no digest is recorded
     * @throws IntegrityException if {@code sri} contains no digest that can be checked
     */
    private static Integrity expected(@Nullable String sri) {
        if (sri == null) {
            return Integrity.ofAnything();
        }
        try {
            return Integrity.of(sri);
        } catch (IllegalArgumentException e) {
            throw new IntegrityException(String.valueOf(e.getMessage()), e);
        }
    }
}
