package io.alldocs.storage.filesystem;

import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.spi.SriHash;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A key and the hash that names its bucket.
 *
 * @param key not empty, valid Unicode
 * @param hex SHA-256 of its UTF-8 in hex
 */
record KeyHash(String key, String hex) {

    /**
     * Maximum length of a key. A record is read into memory as a whole, so its size needs a limit. The limit is far
     * above any key of this project, where a name of 214 characters takes 428 characters in hex.
     */
    static final int MAX_BYTES = 16 << 10;

    /** @throws IllegalArgumentException if {@code capabilities} do not allow the key */
    static KeyHash of(String key, StorageCapabilities capabilities) {
        capabilities.requireKey(key);
        byte[] hash = SriHash.Algorithm.SHA256.newDigest().digest(key.getBytes(StandardCharsets.UTF_8));
        return new KeyHash(key, HexFormat.of().formatHex(hash));
    }

    int firstByte() {
        return HexFormat.fromHexDigits(hex, 0, 2);
    }
}
