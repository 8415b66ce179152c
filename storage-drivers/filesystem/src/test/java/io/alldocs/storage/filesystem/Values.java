package io.alldocs.storage.filesystem;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.spi.SriHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Values for tests, and access to the files that store them. */
final class Values {
    static final Instant STORED = Instant.parse("2026-08-01T12:00:00.123Z");

    private Values() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static SriHash hash(SriHash.Algorithm algorithm, byte[] bytes) {
        return SriHash.of(algorithm, algorithm.newDigest().digest(bytes));
    }

    static SriHash sha256(byte[] bytes) {
        return hash(SriHash.Algorithm.SHA256, bytes);
    }

    /** Returns the head of an HTTP response. */
    static EntryMetadata head(byte[] bytes) {
        return new EntryMetadata(
                200,
                Map.of("content-type", "application/json", "etag", "\"ü-1\""),
                "full",
                "ok",
                "3-917fa2381192822767f010b95b45325b",
                null,
                bytes.length,
                sha256(bytes).sri(),
                STORED,
                STORED,
                null,
                "https://registry.npmjs.com/express",
                false);
    }

    static EntryMetadata bare(byte[] bytes) {
        return EntryMetadata.bare(bytes.length, sha256(bytes).sri(), STORED);
    }

    static void put(StorageDriver driver, String key, String text) {
        driver.put(key, head(utf8(text)), Body.of(utf8(text)));
    }

    /** Returns the text of the stored body. */
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

    static Path contentFile(Path folder, byte[] bytes) {
        return contentFile(folder, sha256(bytes));
    }

    static Path contentFile(Path folder, SriHash integrity) {
        String hex = integrity.hex();
        return folder.resolve("content-v2")
                .resolve(integrity.algorithm().label())
                .resolve(hex.substring(0, 2))
                .resolve(hex.substring(2, 4))
                .resolve(hex.substring(4));
    }

    static Path bucketFile(Path folder, String key) {
        String hex = sha256(utf8(key)).hex();
        return folder.resolve("index-v5")
                .resolve(hex.substring(0, 2))
                .resolve(hex.substring(2, 4))
                .resolve(hex.substring(4));
    }

    /** Returns a line as cacache appends it. */
    static String line(String json) {
        return "\n" + hash(SriHash.Algorithm.SHA1, utf8(json)).hex() + "\t" + json;
    }

    /** Writes a file and creates its directories. */
    static void write(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    /** Returns every path below {@code folder}, with the contents of the files. */
    static Map<String, String> snapshot(Path folder) throws IOException {
        Map<String, String> files = new java.util.TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.toList()) {
                String name = folder.relativize(path).toString();
                files.put(name, Files.isDirectory(path) ? "/" : Files.readString(path, StandardCharsets.ISO_8859_1));
            }
        }
        return files;
    }
}
