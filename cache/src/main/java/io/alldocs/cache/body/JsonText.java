package io.alldocs.cache.body;

import io.alldocs.cache.internal.json.JsonCheck;
import java.io.IOException;
import java.io.InputStream;

/** The kind of JSON (RFC 8259) that a whole body contains, determined from all its bytes. */
public enum JsonText {
    /** An object, with optional white space around it. */
    OBJECT,
    /** A value other than an object. */
    OTHER_VALUE,
    /** Nothing, or only white space. */
    EMPTY,
    /** The beginning of a value, whose rest is missing. */
    CUT,
    /** Not JSON; begins like HTML or XML. */
    MARKUP,
    /** Not JSON, and not markup either. */
    NOT_JSON;

    private static final int PIECE_BYTES = 16 * 1024;

    /**
     * Determines which kind of JSON the text contains.
     *
     * @param text read to its end and not closed
     * @throws IOException if {@code text} cannot be read
     */
    public static JsonText of(InputStream text) throws IOException {
        JsonCheck check = new JsonCheck();
        check.reset();
        byte[] piece = new byte[PIECE_BYTES];
        for (int count = text.read(piece); count >= 0; count = text.read(piece)) {
            check.accept(piece, 0, count);
        }
        return of(check);
    }

    /** Returns the kind of the text that {@code check} has read, if the text ends there. */
    static JsonText of(JsonCheck check) {
        if (check.isWhole()) {
            return check.isObject() ? OBJECT : OTHER_VALUE;
        }
        if (!check.isBroken()) {
            return check.isEmpty() ? EMPTY : CUT;
        }
        return check.isMarkup() ? MARKUP : NOT_JSON;
    }

    /** Returns whether a JSON parser accepts the text. */
    public boolean isJson() {
        return this == OBJECT || this == OTHER_VALUE;
    }
}
