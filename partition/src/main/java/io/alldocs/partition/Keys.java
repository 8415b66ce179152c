package io.alldocs.partition;

import io.alldocs.cache.spi.KeyOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Checks and formats of keys that several types of this package share. */
final class Keys {
    private static final String DESIGN_PREFIX = "_design/";

    private Keys() {}

    /** Refuses text that cannot be a CouchDB id: empty text, and text that cannot be encoded in UTF-8. */
    static String require(String key, String role) {
        if (key.isEmpty()) {
            throw new IllegalArgumentException(
                    "The " + role + " of a partition must not be empty. Omit it for an open range.");
        }
        int bad = unpairedSurrogate(key);
        if (bad >= 0) {
            throw new IllegalArgumentException(
                    "The " + role + " " + quote(key) + " of a partition has an unpaired surrogate at index " + bad
                            + ": it is not valid Unicode and has no UTF-8 form.");
        }
        return key;
    }

    /** Returns the index of the first unpaired surrogate, or -1 if there is none. */
    static int unpairedSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return i;
            }
        }
        return -1;
    }

    static boolean isBelow(String a, String b) {
        return KeyOrder.UTF8.compare(a, b) < 0;
    }

    /**
     * Returns the first key after all keys that begin with {@code prefix}, in the order of UTF-8 bytes; null if there
     * is none.
     */
    static @Nullable String afterPrefix(String prefix) {
        int end = prefix.length();
        while (end > 0) {
            int last = prefix.codePointBefore(end);
            end -= Character.charCount(last);
            if (last < Character.MAX_CODE_POINT) {
                return prefix.substring(0, end) + Character.toString(codePointAbove(last));
            }
        }
        return null;
    }

    /** Returns the next code point, and skips surrogates, which are not characters. */
    private static int codePointAbove(int codePoint) {
        return codePoint + 1 == Character.MIN_SURROGATE ? Character.MAX_SURROGATE + 1 : codePoint + 1;
    }

    /**
     * Returns whether an id belongs to a document of CouchDB itself. Only this prefix is reserved; other names may
     * begin with an underscore.
     */
    static boolean isDesignDocument(String id) {
        return id.startsWith(DESIGN_PREFIX);
    }

    /** Returns the text as JSON, shortened if it is too long for a message. */
    static String quote(String text) {
        int limit = 120;
        return text.length() <= limit
                ? json(text, '~')
                : json(text.substring(0, limit), '~') + "… (" + text.length() + " characters)";
    }

    /** Returns the text as JSON, with only the required escapes. */
    static String json(String text) {
        return json(text, Character.MAX_VALUE);
    }

    /**
     * Returns the text as JSON and also escapes characters above {@code highest}, which makes it safe to print in a
     * terminal.
     */
    private static String json(String text, char highest) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c > highest) {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    /** Percent-encodes the UTF-8 bytes of all characters except the unreserved characters of RFC 3986. */
    static String percentEncode(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%')
                        .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
            }
        }
        return out.toString();
    }
}
