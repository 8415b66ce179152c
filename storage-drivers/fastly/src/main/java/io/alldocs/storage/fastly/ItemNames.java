package io.alldocs.storage.fastly;

import io.alldocs.cache.spi.KeyNames;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Escapes the characters of keys in item names. A name is the driver's prefix and the key. Keys of npm's own registry
 * need no escapes, so a worker's {@code kv.get(key)} finds them. In other keys, some characters are escaped: each of
 * their bytes is written as {@code !} and two hex digits. Fastly may reject these characters (<a
 * href="https://docs.fastly.com/en/guides/working-with-kv-stores#limitations-and-considerations">Limitations and
 * considerations</a>), or they have a meaning in a URL. These are all ASCII characters except letters, digits and
 * {@code - . _ ~ :}, a leading dot of the key, U+FFFE and U+FFFF.
 */
final class ItemNames implements KeyNames.Escaping {
    /** The limit of Fastly; see the link above. */
    private static final int MAX_BYTES = 1024;

    private static final char ESCAPE = '!';
    private static final String PLAIN = "-._~:";
    private static final String HEX = "0123456789abcdef";

    private ItemNames() {}

    /** @param prefix of all names; may be empty */
    static KeyNames under(String prefix) {
        return new KeyNames(prefix, "", MAX_BYTES, new ItemNames());
    }

    /** Returns whether Fastly accepts every name that begins with {@code text}. */
    static boolean isPrefix(String text) {
        boolean plain = text.chars().allMatch(c -> isPlain((char) c) || c == '/');
        return plain && !text.startsWith(".") && !text.contains("./") && !text.contains("/.");
    }

    @Override
    public void escape(char c, boolean first, StringBuilder name) {
        boolean plain = c < 0x80 ? isPlain(c) && !(first && c == '.') : c < '\ufffe';
        if (plain) {
            name.append(c);
            return;
        }
        for (byte b : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
            name.append(ESCAPE).append(HEX.charAt((b & 0xff) >> 4)).append(HEX.charAt(b & 15));
        }
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || PLAIN.indexOf(c) >= 0;
    }

    @Override
    public String unescape(String escaped) {
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
        return StandardCharsets.UTF_8.decode(key.flip()).toString();
    }

    @Override
    public String limits() {
        return "Fastly (characters other than letters, digits and - . _ ~ : count as three bytes)";
    }
}
