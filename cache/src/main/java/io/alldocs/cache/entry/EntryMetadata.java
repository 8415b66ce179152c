package io.alldocs.cache.entry;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.internal.entry.Freshness;
import io.alldocs.cache.internal.entry.StoredHeaders;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a stored value, available without reading its body. It is stored as one small JSON object
 * ({@link #toJson()}). Times have millisecond precision.
 *
 * @param status HTTP status of the last response; 0 for values that do not come from an HTTP response
 * @param headers headers of the last response, with names in lower case and several values joined by {@code ", "};
 *     never contains credentials or cookies
 * @param form full, abbreviated, partition, or null
 * @param outcome a packument's outcome in lower case, or null
 * @param rev CouchDB revision found in the body, or null
 * @param encoding content coding of the stored bytes: gzip, or null for none
 * @param sizeBytes size of the stored bytes
 * @param integrity {@code sha256-…} (or another SRI string) of the stored bytes, or null when unknown
 * @param storedAt when the body was requested; set by {@code Cache}
 * @param validatedAt when the last response was requested from the origin; not before storedAt; set by {@code Cache}
 * @param lifetime how long the entry is fresh when its headers do not specify it; null if it is never fresh
 * @param url URL of the request, without credentials or query values, or null
 * @param proven whether the outcome is known to come from the registry itself and not from an intermediary such as a
 *     proxy. Always false in metadata written by earlier versions
 */
public record EntryMetadata(
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
        @Nullable String url,
        boolean proven) {

    /**
     * Copies the headers and truncates times to milliseconds. If validatedAt is before storedAt because the clock was
     * set back, it is set to storedAt.
     *
     * @throws IllegalArgumentException if the size or the lifetime is negative
     */
    public EntryMetadata {
        if (sizeBytes < 0 || (lifetime != null && lifetime.isNegative())) {
            throw new IllegalArgumentException("The size and lifetime of an entry must not be negative, but are "
                    + sizeBytes + " bytes and " + lifetime + ".");
        }
        headers = headers.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        storedAt = storedAt.truncatedTo(ChronoUnit.MILLIS);
        validatedAt = validatedAt.truncatedTo(ChronoUnit.MILLIS);
        if (validatedAt.isBefore(storedAt)) {
            validatedAt = storedAt;
        }
        lifetime = lifetime == null ? null : lifetime.truncatedTo(ChronoUnit.MILLIS);
    }

    /**
     * Returns metadata that contains only what the body itself shows. Values of other programs and values in the JSON
     * form have such metadata.
     */
    public static EntryMetadata bare(long sizeBytes, @Nullable String integrity, Instant storedAt) {
        return new EntryMetadata(
                0, Map.of(), null, null, null, null, sizeBytes, integrity, storedAt, storedAt, null, null, false);
    }

    /** Returns whether this metadata equals that of {@link #bare}, so that it need not be stored. */
    public boolean isBare() {
        return equals(bare(sizeBytes, integrity, storedAt));
    }

    /**
     * Returns the value of a header, or empty if the response did not have it.
     *
     * @param name in lower case
     */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /**
     * Returns whether the outcome is neither {@code ok} nor {@link #proven()}. An intermediary such as a proxy may have
     * sent such a response. The entry is never fresh, so the next request revalidates it.
     */
    public boolean isDoubtful() {
        return outcome != null && !proven && !outcome.equals("ok");
    }

    /**
     * Returns whether {@code etag} identifies the stored body, by the weak comparison of RFC 9110 §8.8.3.2. False if
     * there is no body, or if its response had no ETag.
     */
    public boolean matchesEtag(String etag) {
        return sizeBytes > 0 && header("etag").map(EntryMetadata::opaqueTag).equals(Optional.of(opaqueTag(etag)));
    }

    private static String opaqueTag(String etag) {
        return etag.startsWith("W/") ? etag.substring(2) : etag;
    }

    /** Returns whether the entry may be served now without a request to the origin. */
    public boolean isFresh(Clock clock) {
        return isFresh(clock.instant());
    }

    /** Returns whether the entry may be served at {@code now} without a request to the origin. */
    public boolean isFresh(Instant now) {
        return freshness().isFresh(now);
    }

    /** Returns whether a stale entry may be served at {@code now} while it is revalidated (RFC 5861 §3). */
    public boolean mayServeWhileRevalidating(Instant now) {
        return freshness().mayServeWhileRevalidating(now);
    }

    private Freshness freshness() {
        return Freshness.of(headers, lifetime, isDoubtful(), validatedAt);
    }

    /** Returns the metadata as one JSON object without line breaks. Absent members are omitted. */
    public String toJson() {
        return MetadataJson.write(this);
    }

    /**
     * Returns the JSON of {@link #toJson()} in a form that is safe as the value of an HTTP header. The result is ASCII
     * and contains no two consecutive spaces, because HTTP software may merge them.
     */
    public String toAsciiJson() {
        return MetadataJson.ascii(toJson());
    }

    /**
     * Parses the JSON that {@link #toJson()} wrote. Unknown members are ignored, because a later version may have
     * written them.
     *
     * @throws IntegrityException if {@code json} is not valid metadata
     */
    public static EntryMetadata parse(String json) {
        return MetadataJson.parse(json);
    }

    /**
     * Returns whether {@code body} has the recorded size and digest. Reads the whole body. If no digest is recorded,
     * only the size is compared.
     *
     * @throws IOException if the body cannot be read
     * @throws IntegrityException if the recorded digest cannot be checked
     */
    public boolean describes(Body body) throws IOException {
        return BodyCheck.describes(this, body);
    }

    /**
     * Returns whether a range of {@code bytes} has the recorded size and digest. If no digest is recorded, only the
     * size is compared.
     *
     * @throws IntegrityException if the recorded digest cannot be checked
     * @throws IndexOutOfBoundsException if the range is not within the array
     */
    public boolean describes(byte[] bytes, int offset, int length) {
        return BodyCheck.describes(this, bytes, offset, length);
    }

    /**
     * Returns whether both record the same size and digest. Reads no body.
     * {@link io.alldocs.cache.spi.StorageDriver#putHead} uses this comparison.
     */
    public boolean isOfSameBody(EntryMetadata other) {
        return sizeBytes == other.sizeBytes && Objects.equals(integrity, other.integrity);
    }

    /** Returns a builder with all values of this metadata. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.status = status;
        builder.headers = headers;
        builder.form = form;
        builder.outcome = outcome;
        builder.rev = rev;
        builder.encoding = encoding;
        builder.sizeBytes = sizeBytes;
        builder.integrity = integrity;
        builder.storedAt = storedAt;
        builder.validatedAt = validatedAt;
        builder.lifetime = lifetime;
        builder.url = url;
        builder.proven = proven;
        return builder;
    }

    /**
     * Returns an empty builder: status 0, no headers, no body, and times at the epoch, which {@code Cache.fetch}
     * replaces.
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds an {@link EntryMetadata}. Not thread-safe. */
    public static final class Builder {
        private int status;
        private Map<String, String> headers = Map.of();
        private @Nullable String form;
        private @Nullable String outcome;
        private @Nullable String rev;
        private @Nullable String encoding;
        private long sizeBytes;
        private @Nullable String integrity;
        private Instant storedAt = Instant.EPOCH;
        private @Nullable Instant validatedAt;
        private @Nullable Duration lifetime;
        private @Nullable String url;
        private boolean proven;

        private Builder() {}

        /** Sets the HTTP status. Default: 0. */
        public Builder status(int status) {
            this.status = status;
            return this;
        }

        /**
         * Sets the headers, and keeps only those that a cache needs: type, coding and length, validators, and the
         * headers that determine freshness. All others are dropped, including cookies, credentials and hop-by-hop
         * headers.
         */
        public Builder headers(Map<String, List<String>> headers) {
            this.headers = StoredHeaders.keep(headers);
            return this;
        }

        /** Sets headers that are already in the stored form, without filtering them. */
        public Builder storedHeaders(Map<String, String> headers) {
            this.headers = headers;
            return this;
        }

        /** Sets the form, which is the {@code CacheKey.Kind.form()} of the entry's key. Default: null. */
        public Builder form(@Nullable String form) {
            this.form = form;
            return this;
        }

        /** Sets a packument's outcome, in lower case. Default: null. */
        public Builder outcome(@Nullable String outcome) {
            this.outcome = outcome;
            return this;
        }

        /** Sets the CouchDB revision. Default: null. */
        public Builder rev(@Nullable String rev) {
            this.rev = rev;
            return this;
        }

        /**
         * Sets encoding, size and integrity from a received body. Also updates the headers to match, because the
         * receiver may have decoded the body, or detected a coding that the headers do not name. Default: an empty
         * body.
         */
        public Builder received(BodyReceiver.Received received) {
            headers = StoredHeaders.ofBody(
                    headers, received.encoding(), received.body().sizeBytes());
            return body(received.encoding(), received.body().sizeBytes(), received.integrity());
        }

        /** Sets encoding, size and integrity of the body; {@link #build()} refuses a negative size. */
        public Builder body(@Nullable String encoding, long sizeBytes, @Nullable String integrity) {
            this.encoding = encoding;
            this.sizeBytes = sizeBytes;
            this.integrity = integrity;
            return this;
        }

        /** Sets when the body was requested. Default: the epoch. */
        public Builder storedAt(Instant storedAt) {
            this.storedAt = Objects.requireNonNull(storedAt, "storedAt");
            return this;
        }

        /** Sets when the last response was requested. Default: storedAt. */
        public Builder validatedAt(Instant validatedAt) {
            this.validatedAt = Objects.requireNonNull(validatedAt, "validatedAt");
            return this;
        }

        /** Sets how long the entry is fresh when its headers do not specify it. Default: null. */
        public Builder lifetime(@Nullable Duration lifetime) {
            this.lifetime = lifetime;
            return this;
        }

        /** Sets the URL without its user information, query values and fragment. Default: null. */
        public Builder url(URI url) {
            this.url = StoredHeaders.redact(url);
            return this;
        }

        /** Sets whether the outcome is known to come from the registry itself. Default: false. */
        public Builder proven(boolean proven) {
            this.proven = proven;
            return this;
        }

        /** Sets a URL that is already in the stored form, without redacting it. */
        public Builder storedUrl(@Nullable String url) {
            this.url = url;
            return this;
        }

        /**
         * Returns the metadata.
         *
         * @throws IllegalArgumentException if the size or the lifetime is negative
         */
        public EntryMetadata build() {
            return new EntryMetadata(
                    status,
                    headers,
                    form,
                    outcome,
                    rev,
                    encoding,
                    sizeBytes,
                    integrity,
                    storedAt,
                    validatedAt == null ? storedAt : validatedAt,
                    lifetime,
                    url,
                    proven);
        }
    }
}
