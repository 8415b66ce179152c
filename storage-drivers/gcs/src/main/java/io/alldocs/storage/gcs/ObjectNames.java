package io.alldocs.storage.gcs;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * How keys become names of objects and back. A name is the driver's prefix, the key with some characters escaped, and {@code .json}, which is how the
 * JavaScript project names its objects: keys of npm's own registry hold nothing to escape. Names have the order of their keys, so that the store's own
 * listing is the driver's: every character up to {@code /} is written as {@code .} and two letters from {@code k} (0) to {@code z} (15), so that an
 * escape comes after the suffix ({@code j} is below {@code k}) and before all other characters. No name is a folder of another.
 */
final class ObjectNames {
    /** Google's own limit: <a href="https://cloud.google.com/storage/docs/objects#naming">About Cloud Storage objects</a>. */
    static final int MAX_BYTES = 1024;

    private static final String SUFFIX = ".json";
    private static final String DIGITS = "klmnopqrstuvwxyz";
    private static final char LAST_ESCAPED = '/';

    private final String prefix;

    /** @param prefix of all names; may be empty */
    ObjectNames(String prefix) {
        this.prefix = prefix;
    }

    /** Bytes of UTF-8 that a key without characters to escape may have. */
    int maxKeyBytes() {
        return MAX_BYTES - utf8Length(prefix) - SUFFIX.length();
    }

    String prefix() {
        return prefix;
    }

    /**
     * The name of the object for {@code key}.
     *
     * @param key valid Unicode
     * @throws IllegalArgumentException when the name would be too long
     */
    String of(String key) {
        String name = unchecked(key);
        if (utf8Length(name) > MAX_BYTES) {
            throw new IllegalArgumentException("The name of the object for " + Failures.shown(key) + " would have "
                    + utf8Length(name) + " bytes, of which Google Cloud Storage takes " + MAX_BYTES
                    + "; characters up to / count three");
        }
        return name;
    }

    /** The name of {@code key}, however long: the names of all later keys come after it. */
    String unchecked(String key) {
        return stem(key) + SUFFIX;
    }

    /** What the names of all keys begin with that begin with {@code keyPrefix}. */
    String stem(String keyPrefix) {
        StringBuilder name = new StringBuilder(prefix.length() + keyPrefix.length() + 16).append(prefix);
        for (int i = 0; i < keyPrefix.length(); i++) {
            char c = keyPrefix.charAt(i);
            if (c <= LAST_ESCAPED) {
                name.append('.').append(DIGITS.charAt(c >> 4)).append(DIGITS.charAt(c & 15));
            } else {
                name.append(c);
            }
        }
        return name.toString();
    }

    /** The key of an object, empty when the name is none of ours. */
    Optional<String> key(String name) {
        if (!name.startsWith(prefix) || !name.endsWith(SUFFIX) || name.length() <= prefix.length() + SUFFIX.length()) {
            return Optional.empty();
        }
        String key = unescape(name.substring(prefix.length(), name.length() - SUFFIX.length()));
        return unchecked(key).equals(name) ? Optional.of(key) : Optional.empty();
    }

    /** Nonsense for what was never escaped. */
    private static String unescape(String escaped) {
        StringBuilder key = new StringBuilder(escaped.length());
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '.' && i + 2 < escaped.length()) {
                key.append((char) (DIGITS.indexOf(escaped.charAt(i + 1)) * 16 + DIGITS.indexOf(escaped.charAt(i + 2))));
                i += 2;
            } else {
                key.append(c);
            }
        }
        return key.toString();
    }

    static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
