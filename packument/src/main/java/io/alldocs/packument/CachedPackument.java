package io.alldocs.packument;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * A packument in a cache. It provides the bytes, a parser, and single fields. Each read starts at the beginning of the
 * document and stops after the requested field. Nothing else is parsed, and no tree is built.
 *
 * <p>If the outcome is not OK, there may be no document, or an earlier one that was kept. Fields are empty if
 * {@link #hasDocument()} is false.
 *
 * <p>Each reading method throws {@link IntegrityException} if the part of the document that it reads is not valid JSON.
 * It throws UncheckedIOException if the bytes are not accessible.
 *
 * <p>Safe for concurrent use. Within {@link PackumentFrame#map} and similar methods, it is valid only until the
 * function returns. Closing it is optional; see {@link CacheEntry}.
 */
public final class CachedPackument implements AutoCloseable {
    private final String name;
    private final CacheEntry entry;

    CachedPackument(String name, CacheEntry entry) {
        this.name = name;
        this.entry = entry;
    }

    /** Returns the name under which the packument is stored. */
    public String name() {
        return name;
    }

    /** Returns the metadata: status, times, size and revision. */
    public EntryMetadata head() {
        return entry.head();
    }

    /** Returns the outcome of the registry's last response; empty for entries that other programs wrote. */
    public Optional<Outcome> outcome() {
        return Outcome.of(entry.head());
    }

    /**
     * Returns the form of the document, according to its metadata. The JavaScript project stores abbreviated documents
     * under the key of full ones.
     */
    public Optional<PackumentForm> form() {
        return PackumentForm.of(entry.head());
    }

    /**
     * Returns the cache entry, which provides the bytes as stored ({@link CacheEntry#rawBody()},
     * {@link CacheEntry#encoding()}), decoded ({@link CacheEntry#bodyStream()}), or as a tree.
     */
    public CacheEntry entry() {
        return entry;
    }

    /** Returns whether a document is stored. */
    public boolean hasDocument() {
        return entry.head().sizeBytes() > 0;
    }

    /**
     * Returns the document's text as UTF-8, with U+FFFD in place of invalid bytes, for a streaming parser of any
     * library. The caller closes it.
     */
    public InputStream documentStream() {
        return DocumentJson.text(entry.bodyStream());
    }

    /** Returns a parser positioned before the first token of the document. The caller closes it. */
    JsonParser parser() {
        try {
            return DocumentJson.parser(entry.bodyStream());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Returns the tags and the version of each, in the order of the document: {@code latest} and others. */
    public Map<String, String> distTags() {
        return texts("dist-tags");
    }

    /** Returns the version of the tag {@code latest}. */
    public Optional<String> latest() {
        return text("dist-tags", "latest");
    }

    /** Returns all version numbers, in the order of the document. */
    public List<String> versions() {
        List<String> versions = new ArrayList<>();
        read(
                scan -> {
                    if (scan.find("versions")) {
                        scan.names(versions::add);
                    }
                    return true;
                },
                false);
        return List.copyOf(versions);
    }

    /**
     * Returns when each version was published, together with {@code created} and {@code modified}, as the registry
     * wrote it. Empty for the abbreviated form.
     */
    public Map<String, String> time() {
        return texts("time");
    }

    /**
     * Returns the names and ranges of the dependencies of {@code version}; also empty if the document does not contain
     * the version.
     */
    public Map<String, String> dependencies(String version) {
        return texts("versions", version, "dependencies");
    }

    /**
     * Returns the facts that a {@link VersionPolicy} needs, read in one pass. They contain no versions if there is no
     * document.
     */
    public PackumentFacts facts() {
        if (!hasDocument()) {
            return PackumentFacts.none(name);
        }
        try (InputStream body = entry.bodyStream()) {
            return PackumentFacts.read(name, body);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * Returns a string value, or a number as it is written.
     *
     * @param path member names that lead to the value, such as {@code "dist-tags", "latest"}
     * @return empty if there is no such value, or one of another type
     * @throws IllegalArgumentException if the path is empty
     */
    public Optional<String> text(String... path) {
        requirePath(path);
        return read(scan -> scan.find(path) ? Optional.ofNullable(scan.scalar()) : Optional.empty(), Optional.empty());
    }

    /**
     * Returns the members of an object whose values are strings or numbers.
     *
     * @param path member names that lead to the object, such as {@code "versions", "1.0.0", "peerDependencies"}
     * @return empty if there is no such object, or a value of another type
     * @throws IllegalArgumentException if the path is empty
     */
    public Map<String, String> texts(String... path) {
        requirePath(path);
        return read(scan -> scan.find(path) ? scan.texts() : Map.of(), Map.of());
    }

    private static void requirePath(String... path) {
        if (path.length == 0) {
            throw new IllegalArgumentException("The path must contain at least one name.");
        }
    }

    private interface Reading<T> {
        T from(MemberScan scan) throws IOException;
    }

    private <T> T read(Reading<T> reading, T absent) {
        if (!hasDocument()) {
            return absent;
        }
        try (InputStream body = entry.bodyStream()) {
            return reading.from(new MemberScan(body));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Treats invalid content as damage, but not an error of the store. */
    private RuntimeException failed(IOException e) {
        boolean damaged = e instanceof EOFException
                || e instanceof StreamCorruptedException
                || e instanceof ZipException
                || e instanceof JsonProcessingException;
        String what = "The stored document of " + PackageName.quote(name);
        return damaged
                ? new IntegrityException(what + " cannot be read: " + e.getMessage(), e)
                : new UncheckedIOException("Cannot read t" + what.substring(1), e);
    }

    /** Closes {@link #entry()}, after which the document cannot be read. Idempotent. */
    @Override
    public void close() {
        entry.close();
    }

    /** Returns the name and the outcome. */
    @Override
    public String toString() {
        return PackageName.quote(name) + outcome().map(outcome -> " " + outcome).orElse("");
    }
}
