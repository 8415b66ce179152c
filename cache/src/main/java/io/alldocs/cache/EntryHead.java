package io.alldocs.cache;

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
 * What is known of a stored value without reading its body. Stored as one small JSON object ({@link #toJson()}). Times are kept in milliseconds.
 *
 * @param status HTTP status of the last answer; 0 for values that no HTTP answer brought
 * @param headers of the last answer, names in lower case, several values joined by {@code ", "}; never credentials or cookies
 * @param form full, abbreviated, partition, or null
 * @param outcome a packument's outcome in lower case, or null
 * @param rev CouchDB revision found in the body, or null
 * @param encoding content coding of the stored bytes: gzip or null
 * @param sizeBytes size of the stored bytes
 * @param integrity {@code sha256-…} (or another SRI string) of the stored bytes, or null when unknown
 * @param storedAt when the body was asked for; set by {@link Cache}
 * @param validatedAt when the origin was asked for its last answer; not before storedAt; set by {@link Cache}
 * @param lifetime how long the entry is fresh when its headers do not say; null for not at all
 * @param url address asked, without credentials or query values, or null
 * @param proven whether the outcome is known to be the registry's own word and not that of something in between; heads of earlier versions never
 *     say so
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
        @Nullable String url,
        boolean proven) {

    /**
     * Copies the headers, cuts times to milliseconds, and lifts validatedAt to storedAt if a clock went back in between.
     *
     * @throws IllegalArgumentException when size or lifetime is negative
     */
    public EntryHead {
        if (sizeBytes < 0 || (lifetime != null && lifetime.isNegative())) {
            throw new IllegalArgumentException(
                    "Size and lifetime of an entry must not be negative: " + sizeBytes + " bytes, " + lifetime);
        }
        headers = headers.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        storedAt = storedAt.truncatedTo(ChronoUnit.MILLIS);
        validatedAt = validatedAt.truncatedTo(ChronoUnit.MILLIS);
        if (validatedAt.isBefore(storedAt)) {
            validatedAt = storedAt;
        }
        lifetime = lifetime == null ? null : lifetime.truncatedTo(ChronoUnit.MILLIS);
    }

    /** As the other, with an outcome that is not {@link #proven()}. */
    public EntryHead(
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
        this(
                status,
                headers,
                form,
                outcome,
                rev,
                encoding,
                sizeBytes,
                integrity,
                storedAt,
                validatedAt,
                lifetime,
                url,
                false);
    }

    /** A head that says no more than the body itself does: what foreign writers leave, and what goes with the JSON form. */
    public static EntryHead bare(long sizeBytes, @Nullable String integrity, Instant storedAt) {
        return new EntryHead(0, Map.of(), null, null, null, null, sizeBytes, integrity, storedAt, storedAt, null, null);
    }

    /** Whether this head was made by {@link #bare}: it need not be stored. */
    public boolean isBare() {
        return equals(bare(sizeBytes, integrity, storedAt));
    }

    /**
     * The value of a header, empty when the answer had none.
     *
     * @param name in lower case
     */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /**
     * Whether an outcome other than {@code ok} stands here that is not {@link #proven()}: perhaps a page in between said so. It is never fresh, so the origin is asked
     * once more.
     */
    public boolean isDoubtful() {
        return outcome != null && !proven && !outcome.equals("ok");
    }

    /** Whether the entry may be served without asking the origin, now. */
    public boolean isFresh(Clock clock) {
        return Freshness.of(this).isFresh(clock.instant());
    }

    /** One JSON object in UTF-8 without line breaks; absent parts are left out. */
    public String toJson() {
        return HeadJson.write(this);
    }

    /** As {@link #toJson()}, but fit for the value of an HTTP header: in ASCII and without two spaces in a row, which HTTP may fold. */
    public String toAsciiJson() {
        return HeadJson.ascii(toJson());
    }

    /**
     * Reads what {@link #toJson()} wrote. Unknown members are passed over: a later version may have written them.
     *
     * @throws IntegrityException when {@code json} is not a head
     */
    public static EntryHead parse(String json) {
        return HeadJson.parse(json);
    }

    /**
     * Whether {@code body} has the size and the digest that are recorded here; reads all of it. Without a recorded digest its size counts alone.
     *
     * @throws IOException when the body cannot be read
     * @throws IntegrityException when the recorded digest is none that can be checked
     */
    public boolean describes(Body body) throws IOException {
        Integrity expected = integrity == null ? Integrity.ofAnything() : Integrity.of(integrity);
        return body.sizeBytes() == sizeBytes && expected.matches(body);
    }

    /**
     * Whether both heads record the same size and digest. Reads no body: what {@link io.alldocs.cache.spi.StorageDriver#putHead} compares.
     */
    public boolean isOfSameBody(EntryHead other) {
        return sizeBytes == other.sizeBytes && Objects.equals(integrity, other.integrity);
    }

    /** A builder holding everything of this head. */
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

    /** A builder without anything: status 0, no headers, no body, times at the epoch ({@link Cache#fetch} sets them). */
    public static Builder builder() {
        return new Builder();
    }

    /** Not thread-safe. */
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

        /** HTTP status. Default: 0. */
        public Builder status(int status) {
            this.status = status;
            return this;
        }

        /**
         * Keeps what a cache needs: type, coding and length, validators, and what decides freshness; everything else, and with it cookies,
         * credentials and hop-by-hop headers, is left out. {@link StoredHeaders} has the list.
         */
        public Builder headers(Map<String, List<String>> headers) {
            this.headers = StoredHeaders.keep(headers);
            return this;
        }

        /** Headers as a head holds them, taken as they are. */
        Builder storedHeaders(Map<String, String> headers) {
            this.headers = headers;
            return this;
        }

        /** {@link CacheKey.Kind#form()} of the key it is for. Default: null. */
        public Builder form(@Nullable String form) {
            this.form = form;
            return this;
        }

        /** Default: null. */
        public Builder outcome(@Nullable String outcome) {
            this.outcome = outcome;
            return this;
        }

        /** Default: null. */
        public Builder rev(@Nullable String rev) {
            this.rev = rev;
            return this;
        }

        /**
         * Sets encoding, size and integrity, and lets the headers say the same of the bytes: a coding may have been taken off, or found unnamed. Default: an
         * empty body.
         */
        public Builder received(BodyReceiver.Received received) {
            headers = StoredHeaders.ofBody(
                    headers, received.encoding(), received.body().sizeBytes());
            return body(received.encoding(), received.body().sizeBytes(), received.integrity());
        }

        /** Describes the body; {@link #build()} refuses a negative size. */
        public Builder body(@Nullable String encoding, long sizeBytes, @Nullable String integrity) {
            this.encoding = encoding;
            this.sizeBytes = sizeBytes;
            this.integrity = integrity;
            return this;
        }

        /** Default: the epoch. */
        public Builder storedAt(Instant storedAt) {
            this.storedAt = Objects.requireNonNull(storedAt, "storedAt");
            return this;
        }

        /** Default: storedAt. */
        public Builder validatedAt(Instant validatedAt) {
            this.validatedAt = Objects.requireNonNull(validatedAt, "validatedAt");
            return this;
        }

        /** Default: null. */
        public Builder lifetime(@Nullable Duration lifetime) {
            this.lifetime = lifetime;
            return this;
        }

        /** User information, query values and fragment are taken out. Default: null. */
        public Builder url(URI url) {
            this.url = StoredHeaders.redact(url);
            return this;
        }

        /** Whether the outcome is the registry's own word. Default: false. */
        public Builder proven(boolean proven) {
            this.proven = proven;
            return this;
        }

        /** The address as a head holds it, taken as it is. */
        Builder storedUrl(@Nullable String url) {
            this.url = url;
            return this;
        }

        /**
         * The head.
         *
         * @throws IllegalArgumentException when size or lifetime is negative
         */
        public EntryHead build() {
            return new EntryHead(
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
