package io.alldocs.cache;

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

    /** Whether a parser takes it. */
    public boolean isJson() {
        return this == OBJECT || this == OTHER_VALUE;
    }
}
