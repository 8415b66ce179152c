package io.alldocs.storage.s3;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * How keys become names of objects and back. A name is the driver's prefix, the key with some characters escaped, and {@code !.json}. Names have the
 * order of their keys, so that the store's own listing is the driver's: the suffix begins below every character of an escaped key, and an escape
 * begins with the highest character of those it stands for ({@code %} for 0x00 to 0x25, {@code .} for {@code .} and {@code /}), two hex digits
 * following. So no name is a folder of another, and none has an empty, {@code .} or {@code ..} segment.
 */
final class ObjectNames {
    /** S3's own limit: <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html">Naming Amazon S3 objects</a>. */
    static final int MAX_BYTES = 1024;

    private static final String SUFFIX = "!.json";
    private static final String HEX = "0123456789abcdef";

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
                    + utf8Length(name) + " bytes, of which S3 takes " + MAX_BYTES
                    + "; characters up to %, and . and /, count three");
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
            if (isEscaped(c)) {
                name.append(c <= '%' ? '%' : '.').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            } else {
                name.append(c);
            }
        }
        return name.toString();
    }

    private static boolean isEscaped(char c) {
        return c <= '%' || c == '.' || c == '/';
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
            if (isEscaped(c) && i + 2 < escaped.length()) {
                key.append((char) (HEX.indexOf(escaped.charAt(i + 1)) * 16 + HEX.indexOf(escaped.charAt(i + 2))));
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
