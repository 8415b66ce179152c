package io.alldocs.cache.spi;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Maps keys to names and back, for a store that does not accept every key. A name consists of the driver's prefix, the
 * key with some characters escaped, and a suffix. Immutable.
 */
public final class KeyNames {
    private static final int SHOWN_KEY_LENGTH = 200;

    private final String prefix;
    private final String suffix;
    private final int maxBytes;
    private final Escaping escaping;

    /** Defines which characters a store does not accept, and their replacement. Implementations are stateless. */
    public interface Escaping {

        /**
         * Appends the replacement of {@code c}, or {@code c} itself, to the name.
         *
         * @param first whether {@code c} is the first character of the key
         */
        void escape(char c, boolean first, StringBuilder name);

        /** Returns the key of an escaped text. The result is undefined for text that was not produced by escaping. */
        String unescape(String escaped);

        /**
         * Describes the limits for the message about a name that is too long. They are the store, and the characters
         * that count as more than one.
         */
        String limits();
    }

    /**
     * Creates a mapping to names that begin with {@code prefix} and end with {@code suffix}; either may be empty.
     *
     * @param maxBytes maximum length of a name, in bytes of UTF-8
     * @throws IllegalArgumentException if the prefix is not valid Unicode
     */
    public KeyNames(String prefix, String suffix, int maxBytes, Escaping escaping) {
        requireUnicode(prefix);
        this.prefix = prefix;
        this.suffix = suffix;
        this.maxBytes = maxBytes;
        this.escaping = escaping;
    }

    /** Returns the maximum length of a key without characters to escape, in bytes of UTF-8. */
    public int maxKeyBytes() {
        return maxBytes - utf8Length(prefix) - suffix.length();
    }

    /** Returns the prefix of all names. */
    public String prefix() {
        return prefix;
    }

    /**
     * Returns the name of {@code key}.
     *
     * @throws IllegalArgumentException if the key is not valid Unicode, or the name would be too long
     */
    public String of(String key) {
        String name = unchecked(key);
        int bytes = utf8Length(name);
        if (bytes > maxBytes) {
            throw new IllegalArgumentException("The name of " + shown(key) + " would have " + bytes
                    + " bytes, but the limit is " + maxBytes + " bytes for " + escaping.limits() + ".");
        }
        return name;
    }

    /**
     * Returns the name of {@code key}, whatever its length.
     *
     * @throws IllegalArgumentException if the key is not valid Unicode
     */
    public String unchecked(String key) {
        return stem(key) + suffix;
    }

    /**
     * Returns the common prefix of the names of exactly those keys that begin with {@code keyPrefix}.
     *
     * @throws IllegalArgumentException if {@code keyPrefix} is not valid Unicode
     */
    public String stem(String keyPrefix) {
        requireUnicode(keyPrefix);
        StringBuilder name = new StringBuilder(prefix.length() + keyPrefix.length() + 16).append(prefix);
        for (int i = 0; i < keyPrefix.length(); i++) {
            escaping.escape(keyPrefix.charAt(i), i == 0, name);
        }
        return name.toString();
    }

    /** Returns whether a name can begin with {@code stem}: it is not longer than the maximum length of a name. */
    public boolean fits(String stem) {
        return utf8Length(stem) <= maxBytes;
    }

    /** Returns the key of a name, or empty if no key has that name. */
    public Optional<String> key(String name) {
        if (!name.startsWith(prefix) || !name.endsWith(suffix) || name.length() <= prefix.length() + suffix.length()) {
            return Optional.empty();
        }
        String key = escaping.unescape(name.substring(prefix.length(), name.length() - suffix.length()));
        return isUnicode(key) && unchecked(key).equals(name) ? Optional.of(key) : Optional.empty();
    }

    /** Returns the length of {@code text} in bytes of UTF-8. */
    public static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * Refuses text that is not valid Unicode.
     *
     * @throws IllegalArgumentException if the text contains an unpaired surrogate
     */
    public static void requireUnicode(String text) {
        if (!isUnicode(text)) {
            throw new IllegalArgumentException("Keys and key prefixes must be valid Unicode.");
        }
    }

    private static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /** Returns a key shortened for use in a message. */
    public static String shown(String key) {
        return key.length() <= SHOWN_KEY_LENGTH
                ? key
                : key.substring(0, SHOWN_KEY_LENGTH) + "… (" + key.length() + " characters)";
    }
}
