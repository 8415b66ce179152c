package io.alldocs.storage.sqlite;

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
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** Values for tests. */
final class Values {
    static final Instant STORED = Instant.parse("2026-08-01T12:00:00.123Z");

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
        return new EntryHead(
                200,
                Map.of("content-type", "application/json", "etag", "\"ü-1\""),
                "full",
                "ok",
                "3-917fa2381192822767f010b95b45325b",
                null,
                bytes.length,
                sha256(bytes),
                STORED,
                STORED,
                null,
                "https://registry.npmjs.com/express");
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

    static void put(StorageDriver driver, String key, String text) {
        put(driver, key, utf8(text));
    }

    /** The stored bytes. */
    static Optional<byte[]> bytes(StorageDriver driver, String key) {
        return driver.get(key).map(Values::bytes);
    }

    static byte[] bytes(StoredEntry entry) {
        try (Body body = entry.body()) {
            return body.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Optional<String> text(StorageDriver driver, String key) {
        return bytes(driver, key).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    static List<String> keys(StorageDriver driver) {
        try (Stream<String> keys = driver.list("", null)) {
            return keys.toList();
        }
    }
}
