package io.alldocs.cache;

import com.fasterxml.jackson.databind.JsonNode;
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
 * A value with its head. Immutable; its body can be read more than once and is parsed only when asked. Safe for concurrent use. Nothing to close: a
 * body in a temporary file is freed when entry, body and streams are no longer held.
 */
public final class CacheEntry {

    /** Where an entry came from in this call. */
    public enum Source {
        /** Loaded whole. */
        FETCHED,
        /** Stored and fresh, or asked for in a mode that does not look at age while it still was. */
        HIT,
        /** Stored, and the origin said that it stands. */
        REVALIDATED,
        /** Stored and no longer fresh, served because the mode or stale-while-revalidate allows it. */
        STALE
    }

    private final EntryHead head;
    private final Body body;
    private final Source source;

    CacheEntry(EntryHead head, Body body, Source source) {
        this.head = Objects.requireNonNull(head, "head");
        this.body = Objects.requireNonNull(body, "body");
        this.source = source;
    }

    /** Everything known without reading the body. */
    public EntryHead head() {
        return head;
    }

    /** HTTP status of the last answer; 0 for values that no answer brought. */
    public int status() {
        return head.status();
    }

    /** Names in lower case. */
    public Map<String, String> headers() {
        return head.headers();
    }

    /**
     * The decoded body. Its bytes were checked before this entry was given out. Close the stream.
     *
     * @throws UncheckedIOException when the stored bytes cannot be reached any more
     */
    public InputStream bodyStream() {
        try {
            return decoded(head, body);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot open the body of " + describe(), e);
        }
    }

    static InputStream decoded(EntryHead head, Body body) throws IOException {
        String encoding = head.encoding();
        if (encoding == null) {
            return body.openStream();
        }
        if (encoding.equals("gzip")) {
            return new GunzipStream(body.openStream());
        }
        throw new IntegrityException(
                "The body is stored with the coding " + Utf8.quote(encoding) + "; known are gzip and none", null);
    }

    /** The bytes as stored; see {@link #encoding()}. */
    public Body rawBody() {
        return body;
    }

    /** Content coding of {@link #rawBody()}: gzip, or empty. */
    public Optional<String> encoding() {
        return Optional.ofNullable(head.encoding());
    }

    /**
     * Parses the whole body; each call parses it again. As JavaScript's {@code JSON.parse} does, it limits neither names nor numbers, and reads bytes that are not UTF-8 as
     * U+FFFD. At most 200,000 objects and arrays may be nested.
     *
     * @throws IntegrityException when it is not JSON, or half of a surrogate pair stands escaped in a name, which Jackson refuses
     */
    public JsonNode json() {
        JsonNode json;
        try (InputStream in = bodyStream()) {
            json = Json.DOCUMENTS.readTree(in);
        } catch (IOException e) {
            json = lenient(e);
        }
        if (json.isMissingNode()) {
            throw new IntegrityException("The body of " + describe() + " is empty, not JSON", null);
        }
        return json;
    }

    /** The faster parser refuses bytes that are not UTF-8. */
    private JsonNode lenient(IOException refusal) {
        try (Reader in = new InputStreamReader(bodyStream(), StandardCharsets.UTF_8)) {
            return Json.DOCUMENTS.readTree(in);
        } catch (IOException e) {
            e.addSuppressed(refusal);
            throw new IntegrityException("The body of " + describe() + " is not JSON", e);
        }
    }

    /** Digest of {@link #rawBody()} as an SRI string, empty when nobody recorded one. */
    public Optional<String> integrity() {
        return Optional.ofNullable(head.integrity());
    }

    /** When the body was asked for. */
    public Instant storedAt() {
        return head.storedAt();
    }

    /** Where this entry came from. */
    public Source source() {
        return source;
    }

    /** Whether it may be served without asking the origin, now. */
    public boolean isFresh(Clock clock) {
        return head.isFresh(clock);
    }

    private String describe() {
        return head.url() == null ? "an entry of " + head.storedAt() : head.url();
    }

    CacheEntry from(Source other) {
        return new CacheEntry(head, body, other);
    }
}
