package io.alldocs.storage.filesystem;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A key and the hash that names its bucket.
 *
 * @param key not empty, valid Unicode
 * @param hex SHA-256 of its UTF-8 in hex
 */
record KeyHash(String key, String hex) {

    /** Far above any key of this project (a 214-character name is 428 in hex); a record is read whole, so it has to end somewhere. */
    static final int MAX_BYTES = 16 << 10;

    /** @throws IllegalArgumentException when the key is empty, too long, or no Unicode text */
    static KeyHash of(String key) {
        ByteBuffer utf8 = encode(key);
        if (utf8.remaining() == 0 || utf8.remaining() > MAX_BYTES) {
            throw new IllegalArgumentException("A key has 1 to " + MAX_BYTES + " bytes of UTF-8, and "
                    + Failures.shown(key) + " has " + utf8.remaining());
        }
        MessageDigest sha256 = Integrity.Algorithm.SHA256.newDigest();
        sha256.update(utf8);
        return new KeyHash(key, HexFormat.of().formatHex(sha256.digest()));
    }

    private static ByteBuffer encode(String key) {
        try {
            return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(key));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "A key is Unicode text, and " + Failures.shown(key) + " has half of a surrogate pair", e);
        }
    }

    int firstByte() {
        return HexFormat.fromHexDigits(hex, 0, 2);
    }
}
