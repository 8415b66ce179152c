package io.alldocs.cache;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a stored value without reading its body. Stored as one small JSON object ({@link #toJson()}).
 *
 * @param status HTTP status of the last answer; 0 for values that no HTTP answer brought
 * @param headers of the last answer, names in lower case, several values joined by {@code ", "}; never credentials or cookies
 * @param form full, abbreviated, partition, or null
 * @param outcome a packument's outcome in lower case, or null
 * @param rev CouchDB revision found in the body, or null
 * @param encoding content coding of the stored bytes: gzip or null
 * @param sizeBytes size of the stored bytes
 * @param integrity {@code sha256-…} (or another SRI string) of the stored bytes, or null when unknown
 * @param storedAt when the body was received
 * @param validatedAt when the origin last confirmed or answered; not before storedAt
 * @param lifetime how long the entry is fresh when its headers do not say; null for not at all
 * @param url address asked, without credentials or query secrets, or null
 */
public record EntryHead(
        int status,
        Map<String, String> headers,
        @Nullable String form,
        @Nullable String outcome,
        @Nullable String rev,
        @Nullable String encoding,
        long sizeBytes,
        @Nullable String integrity,
        Instant storedAt,
        Instant validatedAt,
        @Nullable Duration lifetime,
        @Nullable String url) {

    /** A head that says no more than the body itself does: what foreign writers leave, and what goes with the JSON form. */
    public static EntryHead bare(long sizeBytes, @Nullable String integrity, Instant storedAt) {
        return new EntryHead(
                0, Map.of(), null, null, null, null, sizeBytes, integrity, storedAt, storedAt, null, null);
    }

    /** Whether this head was made by {@link #bare}: it need not be stored. */
    public boolean isBare() {
        throw new AssertionError("skeleton");
    }

    /** One JSON object in UTF-8 without line breaks; absent parts are left out. */
    public String toJson() {
        throw new AssertionError("skeleton");
    }

    /** @throws IntegrityException when {@code json} is not a head */
    public static EntryHead parse(String json) {
        throw new AssertionError("skeleton");
    }

    /** A builder holding everything of this head. */
    public Builder toBuilder() {
        throw new AssertionError("skeleton");
    }

    public static Builder builder() {
        throw new AssertionError("skeleton");
    }

    /** Not thread-safe. */
    public static final class Builder {
        private Builder() {}

        public Builder status(int status) {
            throw new AssertionError("skeleton");
        }

        /** Keeps what a cache may keep; drops set-cookie, authorization and hop-by-hop headers. */
        public Builder headers(Map<String, java.util.List<String>> headers) {
            throw new AssertionError("skeleton");
        }

        public Builder form(@Nullable String form) {
            throw new AssertionError("skeleton");
        }

        public Builder outcome(@Nullable String outcome) {
            throw new AssertionError("skeleton");
        }

        public Builder rev(@Nullable String rev) {
            throw new AssertionError("skeleton");
        }

        /** Sets encoding, size and integrity. */
        public Builder received(BodyReceiver.Received received) {
            throw new AssertionError("skeleton");
        }

        public Builder storedAt(Instant storedAt) {
            throw new AssertionError("skeleton");
        }

        public Builder validatedAt(Instant validatedAt) {
            throw new AssertionError("skeleton");
        }

        public Builder lifetime(@Nullable Duration lifetime) {
            throw new AssertionError("skeleton");
        }

        /** User information and query values are taken out. */
        public Builder url(java.net.URI url) {
            throw new AssertionError("skeleton");
        }

        public EntryHead build() {
            throw new AssertionError("skeleton");
        }
    }
}
