package io.alldocs.storage.fastly;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * How keys become names of items and back. A name is the driver's prefix and the key; keys of npm's own registry are names as they are, so that a worker's
 * {@code kv.get(key)} finds them. Of other keys, each byte of a character that Fastly refuses somewhere
 * (<a href="https://docs.fastly.com/en/guides/working-with-kv-stores#limitations-and-considerations">Limitations and considerations</a>), or that means something
 * in an address, is written as {@code !} and two hex digits: all of ASCII but letters, digits and {@code - . _ ~ :}, a dot that the key begins with,
 * U+FFFE and U+FFFF.
 */
final class ItemNames {
    /** Fastly's own limit, see above. */
    static final int MAX_BYTES = 1024;

    private static final char ESCAPE = '!';
    private static final String PLAIN = "-._~:";
    private static final String HEX = "0123456789abcdef";

    private final String prefix;

    /** @param prefix of all names; may be empty */
    ItemNames(String prefix) {
        this.prefix = prefix;
    }

    /** Whether every name that begins so is one that Fastly takes. */
    static boolean isPrefix(String text) {
        boolean plain = text.chars().allMatch(c -> isPlain((char) c) || c == '/');
        return plain && !text.startsWith(".") && !text.contains("./") && !text.contains("/.");
    }

    /** Bytes of UTF-8 that a key without characters to escape may have. */
    int maxKeyBytes() {
        return MAX_BYTES - prefix.length();
    }

    String prefix() {
        return prefix;
    }

    /**
     * The name of the item for {@code key}.
     *
     * @param key valid Unicode
     * @throws IllegalArgumentException when the name would be too long
     */
    String of(String key) {
        String name = stem(key);
        if (utf8Length(name) > MAX_BYTES) {
            throw new IllegalArgumentException("The name of the item for " + Failures.shown(key) + " would have "
                    + utf8Length(name) + " bytes, of which Fastly takes " + MAX_BYTES
                    + "; characters other than letters, digits and - . _ ~ : count three");
        }
        return name;
    }

    /** What the names of all keys begin with that begin with {@code keyPrefix}, and of no others. */
    String stem(String keyPrefix) {
        StringBuilder name = new StringBuilder(prefix.length() + keyPrefix.length() + 16).append(prefix);
        for (int i = 0; i < keyPrefix.length(); i++) {
            char c = keyPrefix.charAt(i);
            boolean plain = c < 0x80 ? isPlain(c) && (c != '.' || i > 0) : c < '\ufffe';
            if (plain) {
                name.append(c);
            } else {
                for (byte b : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
                    name.append(ESCAPE).append(HEX.charAt((b & 0xff) >> 4)).append(HEX.charAt(b & 15));
                }
            }
        }
        return name.toString();
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || PLAIN.indexOf(c) >= 0;
    }

    /** The key of an item, empty when the name is none of ours. */
    Optional<String> key(String name) {
        if (!name.startsWith(prefix) || name.length() == prefix.length()) {
            return Optional.empty();
        }
        return unescape(name.substring(prefix.length())).filter(key -> stem(key).equals(name));
    }

    private static Optional<String> unescape(String escaped) {
        if (escaped.indexOf(ESCAPE) < 0) {
            return Optional.of(escaped);
        }
        byte[] in = escaped.getBytes(StandardCharsets.UTF_8);
        ByteBuffer key = ByteBuffer.allocate(in.length);
        for (int i = 0; i < in.length; i++) {
            if (in[i] == ESCAPE && i + 2 < in.length) {
                key.put((byte) (HEX.indexOf(in[i + 1]) * 16 + HEX.indexOf(in[i + 2])));
                i += 2;
            } else {
                key.put(in[i]);
            }
        }
        try {
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(key.flip()).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
