package io.alldocs.cache.spi;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * How keys become names in a store that does not take every key, and back: a name is the driver's prefix, the key with some characters escaped, and a suffix.
 * Immutable.
 */
public final class KeyNames {
    private static final int SHOWN_KEY_LENGTH = 200;

    private final String prefix;
    private final String suffix;
    private final int maxBytes;
    private final Escaping escaping;

    /** Which characters a store does not take, and what it gets for them. Without state. */
    public interface Escaping {

        /**
         * Appends what stands for {@code c}.
         *
         * @param first whether a key begins with it
         */
        void escape(char c, boolean first, StringBuilder name);

        /** The key that was escaped; nonsense for what never was. */
        String unescape(String escaped);

        /** For the message about a name that is too long: the store, and which characters of a key count for more than one. */
        String limits();
    }

    /**
     * Names that begin with {@code prefix} and end with {@code suffix}, either of which may be empty.
     *
     * @param maxBytes of a name, in UTF-8
     * @throws IllegalArgumentException when the prefix is not valid Unicode
     */
    public KeyNames(String prefix, String suffix, int maxBytes, Escaping escaping) {
        requireUnicode(prefix);
        this.prefix = prefix;
        this.suffix = suffix;
        this.maxBytes = maxBytes;
        this.escaping = escaping;
    }

    /** Bytes of UTF-8 that a key without characters to escape may have. */
    public int maxKeyBytes() {
        return maxBytes - utf8Length(prefix) - suffix.length();
    }

    /** What all names begin with. */
    public String prefix() {
        return prefix;
    }

    /**
     * The name for {@code key}.
     *
     * @throws IllegalArgumentException when the key is not valid Unicode, or the name would be too long
     */
    public String of(String key) {
        String name = unchecked(key);
        int bytes = utf8Length(name);
        if (bytes > maxBytes) {
            throw new IllegalArgumentException("The name of " + shown(key) + " would have " + bytes
                    + " bytes, of which " + maxBytes + " are taken by " + escaping.limits());
        }
        return name;
    }

    /**
     * The name for {@code key}, however long.
     *
     * @throws IllegalArgumentException when the key is not valid Unicode
     */
    public String unchecked(String key) {
        return stem(key) + suffix;
    }

    /**
     * What the names of all keys begin with that begin with {@code keyPrefix}, and no others.
     *
     * @throws IllegalArgumentException when it is not valid Unicode
     */
    public String stem(String keyPrefix) {
        requireUnicode(keyPrefix);
        StringBuilder name = new StringBuilder(prefix.length() + keyPrefix.length() + 16).append(prefix);
        for (int i = 0; i < keyPrefix.length(); i++) {
            escaping.escape(keyPrefix.charAt(i), i == 0, name);
        }
        return name.toString();
    }

    /** Whether a name can begin so: {@code stem} is no longer than a name may be. */
    public boolean fits(String stem) {
        return utf8Length(stem) <= maxBytes;
    }

    /** The key of a name, empty when no key has that name. */
    public Optional<String> key(String name) {
        if (!name.startsWith(prefix) || !name.endsWith(suffix) || name.length() <= prefix.length() + suffix.length()) {
            return Optional.empty();
        }
        String key = escaping.unescape(name.substring(prefix.length(), name.length() - suffix.length()));
        return isUnicode(key) && unchecked(key).equals(name) ? Optional.of(key) : Optional.empty();
    }

    /** How many bytes of UTF-8 {@code text} has. */
    public static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * Refuses what is no text.
     *
     * @throws IllegalArgumentException when there is a surrogate without its other half
     */
    public static void requireUnicode(String text) {
        if (!isUnicode(text)) {
            throw new IllegalArgumentException("A key, or what a key begins with, must be valid Unicode");
        }
    }

    private static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /** A key for a message: of bearable length. */
    public static String shown(String key) {
        return key.length() <= SHOWN_KEY_LENGTH
                ? key
                : key.substring(0, SHOWN_KEY_LENGTH) + "… (" + key.length() + " characters)";
    }
}
