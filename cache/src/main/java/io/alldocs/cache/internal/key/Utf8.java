package io.alldocs.cache.internal.key;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Converts text to bytes and hex, and back. Conversions are strict: invalid text is refused, never replaced by a
 * question mark.
 */
public final class Utf8 {
    private static final HexFormat HEX = HexFormat.of();

    private Utf8() {}

    /**
     * Encodes text.
     *
     * @param what describes the text in messages
     * @throws IllegalArgumentException if {@code text} contains an unpaired surrogate
     */
    public static byte[] bytes(String text, String what) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "The " + what + " must be valid Unicode, but contains an unpaired surrogate: " + quote(text), e);
        }
    }

    /** Returns lower-case hex. */
    public static String hex(byte[] bytes) {
        return HEX.formatHex(bytes);
    }

    /**
     * Decodes hex.
     *
     * @throws IllegalArgumentException if {@code hex} is not lower-case hex of valid UTF-8
     */
    public static String fromHex(String hex) {
        for (int i = 0; i < hex.length(); i++) {
            if ("0123456789abcdef".indexOf(hex.charAt(i)) < 0) {
                throw new IllegalArgumentException("not lower-case hexadecimal: " + quote(hex));
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(HEX.parseHex(hex)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not UTF-8 in hexadecimal: " + quote(hex), e);
        }
    }

    /** Returns a printable and shortened form of the text, for messages. */
    public static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length() && i < 80; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append(text.length() > 80 ? "…\" (" + text.length() + " characters)" : "\"")
                .toString();
    }
}
