package io.alldocs.storage.contract;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
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

/** Values for a driver's own tests in addition to the contract: bodies, and heads that describe them. */
public final class Values {
    /** When all of these values were stored. */
    public static final Instant STORED = Instant.parse("2026-08-01T12:00:00.123Z");

    private Values() {}

    /** Returns the UTF-8 bytes of a text. */
    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns random bytes, the same for the same seed. */
    public static byte[] random(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Returns the head of an HTTP response. */
    public static EntryMetadata head(byte[] bytes) {
        return EntryMetadata.builder()
                .status(200)
                .headers(Map.of("content-type", List.of("application/json"), "etag", List.of("\"ü  1\"")))
                .form("full")
                .outcome("ok")
                .body(null, bytes.length, sha256(bytes))
                .storedAt(STORED)
                .build();
    }

    /** Returns the head of a compressed HTTP response. */
    public static EntryMetadata gzipHead(byte[] bytes) {
        return head(bytes).toBuilder().body("gzip", bytes.length, sha256(bytes)).build();
    }

    /**
     * Returns the head of an HTTP response with more than 10,000 bytes of headers, which exceeds the metadata limit of
     * stores.
     */
    public static EntryMetadata largeHead(byte[] bytes) {
        return head(bytes).toBuilder()
                .headers(Map.of(
                        "link", List.of("<a>; rel=\"next\"".repeat(500)), "npm-notice", List.of("ü".repeat(1000))))
                .build();
    }

    /** Returns a head as the cache creates it for the JSON format. */
    public static EntryMetadata bareHead(byte[] bytes) {
        return EntryMetadata.bare(bytes.length, sha256(bytes), STORED);
    }

    /** Returns the digest in the form that heads use. */
    public static String sha256(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns an entry with {@link #head}. */
    public static StoredEntry entry(byte[] bytes) {
        return new StoredEntry(head(bytes), Body.of(bytes));
    }

    /** Returns a body that declares {@code sizeBytes} but contains only half of them. */
    public static Body shortBody(int sizeBytes) {
        return new Body() {
            @Override
            public long sizeBytes() {
                return sizeBytes;
            }

            @Override
            public InputStream openStream() {
                return new ByteArrayInputStream(new byte[sizeBytes / 2]);
            }
        };
    }

    /** Stores bytes with {@link #head}. */
    public static void put(StorageDriver driver, String key, byte[] bytes) {
        driver.put(key, head(bytes), Body.of(bytes));
    }

    /** Stores a text with {@link #head}. */
    public static void put(StorageDriver driver, String key, String text) {
        put(driver, key, utf8(text));
    }

    /** Stores bytes with {@link #head} if the key is absent. */
    public static boolean putIfAbsent(StorageDriver driver, String key, byte[] bytes) {
        return driver.putIfAbsent(key, head(bytes), Body.of(bytes));
    }

    /** Returns the stored body, which must exist. */
    public static byte[] bytes(StorageDriver driver, String key) {
        return bytes(driver.get(key).orElseThrow());
    }

    /** Reads and closes the body of an entry. */
    public static byte[] bytes(StoredEntry entry) {
        try (Body body = entry.body()) {
            return body.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the stored text; empty if the key is absent. */
    public static Optional<String> text(StorageDriver driver, String key) {
        return driver.get(key).map(entry -> new String(bytes(entry), StandardCharsets.UTF_8));
    }

    /** Returns all keys, in the driver's order. */
    public static List<String> keys(StorageDriver driver) {
        try (Stream<String> keys = driver.list("", null)) {
            return keys.toList();
        }
    }
}
