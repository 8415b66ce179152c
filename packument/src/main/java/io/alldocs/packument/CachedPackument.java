package io.alldocs.packument;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.IntegrityException;
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
 * A packument as a cache holds it: its bytes, a parser, or single fields, each read anew from the beginning and no further than to its end. Nothing is
 * parsed that is not asked for, and no tree is built. Immutable and safe for concurrent use; inside of {@link PackumentFrame#map} and its
 * relatives, to be used until the function returns.
 *
 * <p>Beside an outcome other than OK there may be no document, or an earlier one that was kept: where {@link #hasDocument()} is false, fields are
 * empty.
 *
 * <p>Each reading method throws {@link IntegrityException} when the document is not JSON on the way to what is asked for, and UncheckedIOException when its
 * bytes cannot be reached.
 */
public final class CachedPackument {
    private final String name;
    private final CacheEntry entry;

    CachedPackument(String name, CacheEntry entry) {
        this.name = name;
        this.entry = entry;
    }

    /** The name it is stored under. */
    public String name() {
        return name;
    }

    /** Status, times, size and revision. */
    public EntryHead head() {
        return entry.head();
    }

    /** What the registry's last answer was; empty for entries that other programs wrote. */
    public Optional<Outcome> outcome() {
        return Outcome.of(entry.head());
    }

    /** The form of the document, as its head says; the JavaScript project keeps abbreviated documents under the key of full ones. */
    public Optional<PackumentForm> form() {
        return PackumentForm.of(entry.head());
    }

    /** Its bytes as stored ({@link CacheEntry#rawBody()}, {@link CacheEntry#encoding()}), decoded ({@link CacheEntry#bodyStream()}), or as a tree. */
    public CacheEntry entry() {
        return entry;
    }

    /** Whether there are bytes at all. */
    public boolean hasDocument() {
        return entry.head().sizeBytes() > 0;
    }

    /** A parser before the first token of the document. Close it. */
    public JsonParser parser() {
        try {
            return DocumentJson.parser(entry.bodyStream());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** The tags, in the order of the document: {@code latest} and others, and the version that each stands for. */
    public Map<String, String> distTags() {
        return texts("dist-tags");
    }

    /** The version that the tag {@code latest} stands for. */
    public Optional<String> latest() {
        return text("dist-tags", "latest");
    }

    /** The names of all versions, in the order of the document. */
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

    /** When each version was published, with {@code created} and {@code modified}, as the registry wrote it. The abbreviated form has none. */
    public Map<String, String> time() {
        return texts("time");
    }

    /** What {@code version} depends on: names and ranges. Empty also when there is no such version. */
    public Map<String, String> dependencies(String version) {
        return texts("versions", version, "dependencies");
    }

    /** What a {@link VersionPolicy} needs to know of its versions, read in one pass; without versions where there is no document. */
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
     * A text, or a number as it is written.
     *
     * @param path names of members that lead to it, as {@code "dist-tags", "latest"}
     * @return empty when there is none, or something else
     * @throws IllegalArgumentException for a path without a name
     */
    public Optional<String> text(String... path) {
        requirePath(path);
        return read(scan -> scan.find(path) ? Optional.ofNullable(scan.scalar()) : Optional.empty(), Optional.empty());
    }

    /**
     * The members of an object whose values are texts or numbers.
     *
     * @param path names of members that lead to it, as {@code "versions", "1.0.0", "peerDependencies"}
     * @return empty when there is none, or something else
     * @throws IllegalArgumentException for a path without a name
     */
    public Map<String, String> texts(String... path) {
        requirePath(path);
        return read(scan -> scan.find(path) ? scan.texts() : Map.of(), Map.of());
    }

    private static void requirePath(String... path) {
        if (path.length == 0) {
            throw new IllegalArgumentException("A path has at least one name.");
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

    /** What the bytes say is damage; what the store says is not. */
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

    /** Name and outcome. */
    @Override
    public String toString() {
        return PackageName.quote(name) + outcome().map(outcome -> " " + outcome).orElse("");
    }
}
