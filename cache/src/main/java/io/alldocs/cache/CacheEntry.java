package io.alldocs.cache;

import com.fasterxml.jackson.databind.DatabindException;
import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.SharedBody;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.body.GunzipStream;
import io.alldocs.cache.internal.json.Json;
import io.alldocs.cache.internal.key.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A cached value with its metadata. Safe for concurrent use. The body can be read more than once and is parsed only on
 * request.
 *
 * <p>An entry belongs to its caller: closing it does not affect the entries of other callers, even if they share one
 * body. Closing an entry is optional. It releases a body in a temporary file at once. Otherwise the file is deleted
 * when the entry, its body and its streams are unreachable. Metadata remains readable after {@link #close()}.
 */
public final class CacheEntry implements AutoCloseable {

    private final EntryMetadata head;
    private final Body body;
    private final EntrySource source;
    private volatile boolean closed;

    CacheEntry(EntryMetadata head, Body body, EntrySource source) {
        this.head = Objects.requireNonNull(head, "head");
        this.body = Objects.requireNonNull(body, "body");
        this.source = source;
    }

    /** Returns the metadata, which is available without reading the body. */
    public EntryMetadata head() {
        return head;
    }

    /** Returns the HTTP status of the last response, or 0 for values that do not come from an HTTP response. */
    public int status() {
        return head.status();
    }

    /** Returns the stored headers, with names in lower case. */
    public Map<String, String> headers() {
        return head.headers();
    }

    /**
     * Returns a stream of the decoded body. The stored bytes were checked before this entry was returned. The caller
     * closes the stream, which stays readable if the entry is closed before it.
     *
     * @throws IllegalStateException if this entry is closed
     * @throws UncheckedIOException if the stored bytes are no longer accessible
     */
    public InputStream bodyStream() {
        try {
            return decoded(head, rawBody());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot open the body of " + describe(), e);
        }
    }

    static InputStream decoded(EntryMetadata head, Body body) throws IOException {
        String encoding = head.encoding();
        if (encoding == null) {
            return body.openStream();
        }
        if (encoding.equals("gzip")) {
            return new GunzipStream(body.openStream());
        }
        throw new IntegrityException(
                "The body is stored with the content coding " + Utf8.quote(encoding)
                        + ", which is not supported. Use gzip or no coding.",
                null);
    }

    /**
     * Returns the bytes as stored; see {@link #encoding()}. The body belongs to this entry, which closes it.
     *
     * @throws IllegalStateException if this entry is closed
     */
    public Body rawBody() {
        if (closed) {
            throw new IllegalStateException("The body of " + describe()
                    + " cannot be read, because its entry is closed. Read it before you close the entry.");
        }
        return body;
    }

    /** Returns the content coding of {@link #rawBody()}: gzip, or empty for none. */
    public Optional<String> encoding() {
        return Optional.ofNullable(head.encoding());
    }

    /**
     * Parses the whole body directly into {@code type}; each call parses it again. Members that the type does not have
     * are ignored. Limits are those of {@link #json()}.
     *
     * @param type any type that Jackson 2 can read: a record, {@code Map}, {@code JsonNode} …
     * @throws IntegrityException if the body is not JSON, is JSON's null, or does not have the form of {@code type};
     *     and as for {@link #json()}
     * @throws IllegalStateException if this entry is closed
     */
    public <T> T as(Class<T> type) {
        T value;
        try (InputStream in = bodyStream()) {
            value = Json.DOCUMENTS.readValue(in, type);
        } catch (IOException e) {
            value = lenient(type, e);
        }
        if (value == null) {
            throw new IntegrityException(
                    "The body of " + describe() + " is JSON's null, not a " + type.getName(), null);
        }
        return value;
    }

    /**
     * Parses the whole body; each call parses it again. Like JavaScript's {@code JSON.parse}, it sets no limit on names
     * or numbers. Bytes that are not UTF-8 are read as U+FFFD. Objects and arrays may be nested up to 200,000 levels.
     *
     * @throws IntegrityException if the body is not JSON, or a name contains an escaped unpaired surrogate, which
     *     Jackson refuses
     * @throws IllegalStateException if this entry is closed
     */
    public JsonTree json() {
        JsonNode json;
        try (InputStream in = bodyStream()) {
            json = Json.DOCUMENTS.readTree(in);
        } catch (IOException e) {
            json = lenient(JsonNode.class, e);
        }
        if (json.isMissingNode()) {
            throw new IntegrityException("The body of " + describe() + " is empty, not JSON", null);
        }
        return new JsonTree(json);
    }

    /** Parses the body with the slower parser, because the faster one refuses bytes that are not UTF-8. */
    private <T> T lenient(Class<T> type, IOException refusal) {
        try (Reader in = new InputStreamReader(bodyStream(), StandardCharsets.UTF_8)) {
            return Json.DOCUMENTS.readValue(in, type);
        } catch (IOException e) {
            e.addSuppressed(refusal);
            String expected = e instanceof DatabindException ? "cannot be read as " + type.getName() : "is not JSON";
            throw new IntegrityException("The body of " + describe() + " " + expected, e);
        }
    }

    /** Returns the digest of {@link #rawBody()} as an SRI string; empty if no digest was recorded. */
    public Optional<String> integrity() {
        return Optional.ofNullable(head.integrity());
    }

    /** Returns when the body was requested. */
    public Instant storedAt() {
        return head.storedAt();
    }

    /** Returns where this entry came from. */
    public EntrySource source() {
        return source;
    }

    /** Returns whether the entry may be served now without a request to the origin. */
    public boolean isFresh(Clock clock) {
        return head.isFresh(clock);
    }

    private String describe() {
        return head.url() == null ? "an entry of " + head.storedAt() : head.url();
    }

    /**
     * Returns an entry with the same body for another owner. Each of the two can be closed without the other.
     *
     * @throws IllegalStateException if this entry is closed
     */
    public CacheEntry share() {
        return new CacheEntry(head, SharedBody.share(rawBody()), source);
    }

    /**
     * Releases the body. A temporary file is deleted when no other caller's entry and no open stream needs it.
     * Idempotent.
     */
    @Override
    public void close() {
        closed = true;
        body.close();
    }
}
