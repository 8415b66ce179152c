package io.alldocs.cache;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A value with its head. Immutable; its body can be read more than once and is parsed only when asked. Safe for concurrent use. */
public final class CacheEntry {

    /** Where an entry came from in this call. */
    public enum Source {
        FETCHED,
        HIT,
        REVALIDATED,
        STALE
    }

    CacheEntry() {}

    public EntryHead head() {
        throw new AssertionError("skeleton");
    }

    public int status() {
        throw new AssertionError("skeleton");
    }

    public Map<String, String> headers() {
        throw new AssertionError("skeleton");
    }

    /** The decoded body. */
    public InputStream bodyStream() {
        throw new AssertionError("skeleton");
    }

    /** The bytes as stored; see {@link #encoding()}. */
    public Body rawBody() {
        throw new AssertionError("skeleton");
    }

    public Optional<String> encoding() {
        throw new AssertionError("skeleton");
    }

    /** Parses the whole body. @throws IntegrityException when it is not JSON */
    public JsonNode json() {
        throw new AssertionError("skeleton");
    }

    public Optional<String> integrity() {
        throw new AssertionError("skeleton");
    }

    public Instant storedAt() {
        throw new AssertionError("skeleton");
    }

    public Source source() {
        throw new AssertionError("skeleton");
    }

    public boolean isFresh(Clock clock) {
        throw new AssertionError("skeleton");
    }
}
