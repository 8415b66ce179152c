package io.alldocs.cache;

import java.util.Comparator;

/** The order of names and keys: unsigned UTF-8 bytes, as CouchDB's {@code _all_docs} sorts. */
public final class KeyOrder {
    private KeyOrder() {}

    /** Compares by unsigned UTF-8 bytes (equal to code point order for well-formed strings). */
    public static final Comparator<String> UTF8 = KeyOrder::compare;

    private static int compare(String a, String b) {
        throw new AssertionError("skeleton");
    }
}
