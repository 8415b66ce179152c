package io.alldocs.examples.postgres;

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
    private static final Instant STORED = Instant.parse("2026-08-01T12:00:00.123Z");

    private Values() {}

    static byte[] random(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Of an HTTP answer. */
    static EntryHead head(byte[] bytes) {
        return EntryHead.builder()
                .status(200)
                .headers(Map.of("content-type", List.of("application/json"), "etag", List.of("\"ü-1\"")))
                .form("full")
                .outcome("ok")
                .body(null, bytes.length, sha256(bytes))
                .storedAt(STORED)
                .build();
    }

    private static String sha256(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static StoredEntry entry(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new StoredEntry(head(bytes), Body.of(bytes));
    }

    static void put(StorageDriver driver, String key, byte[] bytes) {
        driver.put(key, head(bytes), Body.of(bytes));
    }

    static void put(StorageDriver driver, String key, String text) {
        put(driver, key, text.getBytes(StandardCharsets.UTF_8));
    }

    static boolean putIfAbsent(StorageDriver driver, String key, String text) {
        StoredEntry entry = entry(text);
        return driver.putIfAbsent(key, entry.head(), entry.body());
    }

    static Optional<String> text(StorageDriver driver, String key) {
        return driver.get(key).map(Values::text);
    }

    static String text(StoredEntry entry) {
        try (Body body = entry.body()) {
            return new String(body.toByteArray(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> keys(StorageDriver driver) {
        try (Stream<String> keys = driver.list("", null)) {
            return keys.toList();
        }
    }
}
