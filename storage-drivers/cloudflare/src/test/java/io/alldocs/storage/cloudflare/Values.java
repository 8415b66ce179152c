package io.alldocs.storage.cloudflare;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Values for tests. */
final class Values {
    private static final Instant STORED = Instant.parse("2026-08-01T12:00:00.123Z");

    private Values() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] random(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Of an HTTP answer. */
    static EntryHead head(byte[] bytes) {
        return EntryHead.builder()
                .status(200)
                .headers(Map.of("etag", List.of("\"ü  1\"")))
                .form("full")
                .outcome("ok")
                .body(null, bytes.length, sha256(bytes))
                .storedAt(STORED)
                .build();
    }

    /** Too large for metadata. */
    static EntryHead largeHead(byte[] bytes) {
        return head(bytes).toBuilder()
                .headers(Map.of("npm-notice", List.of("ü".repeat(1000))))
                .build();
    }

    /** As the cache gives it for the JSON form. */
    static EntryHead bareHead(byte[] bytes) {
        return EntryHead.bare(bytes.length, sha256(bytes), STORED);
    }

    private static String sha256(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static void put(StorageDriver driver, String key, byte[] bytes) {
        driver.put(key, head(bytes), Body.of(bytes));
    }

    static StoredEntry entry(byte[] bytes) {
        return new StoredEntry(head(bytes), Body.of(bytes));
    }

    static byte[] bytes(StorageDriver driver, String key) {
        return bytes(driver.get(key).orElseThrow());
    }

    static byte[] bytes(StoredEntry entry) {
        try (Body body = entry.body()) {
            return body.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
