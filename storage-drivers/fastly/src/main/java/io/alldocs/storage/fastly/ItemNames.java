package io.alldocs.storage.fastly;

import io.alldocs.cache.spi.KeyNames;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What stands in names of items for characters of keys. A name is the driver's prefix and the key; keys of npm's own registry are names as they are, so that a worker's
 * {@code kv.get(key)} finds them. Of other keys, each byte of a character that Fastly refuses somewhere
 * (<a href="https://docs.fastly.com/en/guides/working-with-kv-stores#limitations-and-considerations">Limitations and considerations</a>), or that means something
 * in an address, is written as {@code !} and two hex digits: all of ASCII but letters, digits and {@code - . _ ~ :}, a dot that the key begins with,
 * U+FFFE and U+FFFF.
 */
final class ItemNames implements KeyNames.Escaping {
    /** Fastly's own limit, see above. */
    private static final int MAX_BYTES = 1024;

    private static final char ESCAPE = '!';
    private static final String PLAIN = "-._~:";
    private static final String HEX = "0123456789abcdef";

    private ItemNames() {}

    /** @param prefix of all names; may be empty */
    static KeyNames under(String prefix) {
        return new KeyNames(prefix, "", MAX_BYTES, new ItemNames());
    }

    /** Whether every name that begins so is one that Fastly takes. */
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
        return "Fastly; characters other than letters, digits and - . _ ~ : count three";
    }
}
