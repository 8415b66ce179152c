package io.alldocs.cache;

import java.io.IOException;
import java.io.InputStream;

/** What a whole body is as JSON (RFC 8259), judged by each of its bytes. */
public enum JsonText {
    /** An object, white space aside. */
    OBJECT,
    /** Another value. */
    OTHER_VALUE,
    /** The beginning of a value, or nothing but white space: what follows is missing. */
    CUT,
    /** Something that begins as HTML and XML do. */
    MARKUP,
    /** Something else that no JSON parser takes. */
    NOT_JSON;

    private static final int PIECE_BYTES = 16 * 1024;

    /**
     * Judges a text.
     *
     * @param text read to its end, not closed
     * @throws IOException if it cannot be read
     */
    public static JsonText of(InputStream text) throws IOException {
        JsonCheck check = new JsonCheck();
        check.reset();
        byte[] piece = new byte[PIECE_BYTES];
        for (int count = text.read(piece); count >= 0; count = text.read(piece)) {
            check.accept(piece, 0, count);
        }
        return check.end();
    }

    /** Whether a parser takes it. */
    public boolean isJson() {
        return this == OBJECT || this == OTHER_VALUE;
    }
}
