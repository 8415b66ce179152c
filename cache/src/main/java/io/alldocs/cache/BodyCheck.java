package io.alldocs.cache;

import io.alldocs.cache.internal.body.Integrity;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Compares bodies with the size and digest in their metadata. */
final class BodyCheck {
    private BodyCheck() {}

    /** Implements {@link EntryHead#describes(Body)}. */
    static boolean describes(EntryHead head, Body body) throws IOException {
        Integrity expected = expected(head.integrity());
        if (body.sizeBytes() != head.sizeBytes()) {
            return false;
        }
        try (InputStream in = body.openStream()) {
            return expected.matches(in, head.sizeBytes());
        }
    }

    /** Compares like {@link EntryHead#describes(Body)}. */
    static boolean describes(EntryHead head, byte[] body) {
        return body.length == head.sizeBytes() && expected(head.integrity()).matches(body, 0, body.length);
    }

    /**
     * Returns the digest that a body must have.
     *
     * @param sri null if no digest is recorded
     * @throws IntegrityException if {@code sri} contains no digest that can be checked
     */
    static Integrity expected(@Nullable String sri) {
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
