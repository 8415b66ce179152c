package io.alldocs.cache.spi;

import java.util.Comparator;

/** The order of names and keys: by unsigned UTF-8 bytes, like CouchDB's {@code _all_docs}. */
public final class KeyOrder {
    private KeyOrder() {}

    /** Compares by unsigned UTF-8 bytes. For well-formed strings this equals code point order. */
    public static final Comparator<String> UTF8 = KeyOrder::compare;

    private static int compare(String a, String b) {
        int shorter = Math.min(a.length(), b.length());
        for (int i = 0; i < shorter; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return rank(x) - rank(y);
            }
        }
        return a.length() - b.length();
    }

    /** Ranks surrogates above all other characters, because they encode code points above U+FFFF. */
    private static int rank(char c) {
        if (c < Character.MIN_SURROGATE) {
            return c;
        }
        return c > Character.MAX_SURROGATE ? c - 0x800 : c + 0x2000;
    }
}
