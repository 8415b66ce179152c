package io.alldocs.cache;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.internal.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Entries in the form of the JavaScript project (its {@code src/cache/entry.js}): one JSON value
 * {@code {statusCode, headers, body, integrity, timestamp, version}}. The integrity is the sha256 of the body as
 * {@code JSON.stringify} writes it, and the value contains the body in this form. All other metadata is stored in an
 * additional member, {@code allDocs}, which the JavaScript project ignores.
 */
final class JsonForm {
    private static final int VERSION = 1;
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private JsonForm() {}

    /**
     * Encodes metadata and body as one value.
     *
     * @return empty if the body is not JSON, which this form requires, or if the value would be longer than
     *     {@code maxBytes}
     */
    static Optional<byte[]> encode(EntryMetadata head, Body body, long maxBytes) {
        byte[] json;
        try {
            json = body.sizeBytes() == 0 ? NULL : compact(head, body, maxBytes);
        } catch (JsonProcessingException | TooLong e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the body to store", e);
        }
        ByteArrayOutputStream value = new ByteArrayOutputStream(json.length + 1024);
        try (JsonGenerator out = Json.FACTORY.createGenerator(value)) {
            out.writeStartObject();
            out.writeNumberField("statusCode", head.status());
            out.writeObjectFieldStart("headers");
            for (Map.Entry<String, String> header : head.headers().entrySet()) {
                out.writeStringField(header.getKey(), header.getValue());
            }
            out.writeEndObject();
            out.writeFieldName("body");
            // Writing an empty raw value makes the generator write the colon and expect a comma next. The body's bytes
            // are then written directly to the output.
            out.writeRawValue("");
            out.flush();
            value.write(json);
            out.writeStringField("integrity", Integrity.sriOf(json));
            out.writeNumberField("timestamp", head.storedAt().toEpochMilli());
            out.writeNumberField("version", VERSION);
            writeOwn(out, head);
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
        return value.size() > maxBytes ? Optional.empty() : Optional.of(value.toByteArray());
    }

    /**
     * Thrown when the encoded value is longer than allowed. It has no stack trace, because the encoder uses it as a
     * signal to stop.
     */
    private static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    /** Accepts a limited number of bytes. */
    private static final class Limited extends FilterOutputStream {
        private long left;

        Limited(OutputStream out, long bytes) {
            super(out);
            this.left = bytes;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            left -= length;
            if (left < 0) {
                throw new TooLong();
            }
            out.write(bytes, offset, length);
        }
    }

    /** Writes the body without white space between tokens, as JSON.stringify does. */
    private static byte[] compact(EntryMetadata head, Body body, long maxBytes) throws IOException {
        long max = Math.min(Integer.MAX_VALUE - 8, maxBytes);
        ByteArrayOutputStream json = new ByteArrayOutputStream((int) Math.min(max, 4 * body.sizeBytes() + 64));
        try (InputStream text = CacheEntry.decoded(head, body);
                JsonParser in = Json.FACTORY.createParser(text);
                JsonGenerator out = Json.FACTORY.createGenerator(new Limited(json, max))) {
            if (in.nextToken() == null) {
                throw new JsonEOFException(in, null, "no value");
            }
            out.copyCurrentStructureExact(in);
            if (in.nextToken() != null) {
                throw new JsonParseException(in, "more than one value");
            }
        }
        return json.toByteArray();
    }

    private static void writeOwn(JsonGenerator out, EntryMetadata head) throws IOException {
        out.writeObjectFieldStart("allDocs");
        writeText(out, "form", head.form());
        writeText(out, "outcome", head.outcome());
        writeText(out, "rev", head.rev());
        if (!head.validatedAt().equals(head.storedAt())) {
            out.writeNumberField("validatedAt", head.validatedAt().toEpochMilli());
        }
        if (head.lifetime() != null) {
            out.writeNumberField("lifetime", head.lifetime().toMillis());
        }
        writeText(out, "url", head.url());
        if (head.proven()) {
            out.writeBooleanField("proven", true);
        }
        out.writeEndObject();
    }

    private static void writeText(JsonGenerator out, String name, @Nullable String value) throws IOException {
        if (value != null) {
            out.writeStringField(name, value);
        }
    }

    /**
     * Decodes a value in this form.
     *
     * @param fallback time of entries that contain none
     * @return empty if {@code value} is JSON of another shape, or not JSON
     * @throws IntegrityException if {@code value} has this shape but its body does not match its digest
     */
    static Optional<Stored> decode(byte[] value, Instant fallback) {
        Decoding decoding = new Decoding(value, fallback);
        try (JsonParser in = Json.FACTORY.createParser(value)) {
            if (in.nextToken() != JsonToken.START_OBJECT || !decoding.read(in)) {
                return Optional.empty();
            }
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
        return Optional.of(decoding.stored());
    }

    private static final class Decoding {
        private final byte[] value;
        private final EntryMetadata.Builder head = EntryMetadata.builder();
        private int bodyStart = -1;
        private int bodyEnd;
        private boolean empty;
        private boolean status;
        private boolean version;
        private @Nullable String integrity;
        private @Nullable Instant validatedAt;
        private Instant storedAt;

        Decoding(byte[] value, Instant fallback) {
            this.value = value;
            this.storedAt = fallback;
        }

        /** @return whether the value is an entry with status, body and version */
        boolean read(JsonParser in) throws IOException {
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                JsonToken token = in.nextToken();
                switch (name) {
                    case "statusCode" -> {
                        head.status(in.getIntValue());
                        status = true;
                    }
                    case "headers" -> head.headers(asLists(Json.scalarMembers(in)));
                    case "body" -> body(in, token);
                    case "integrity" -> integrity = token == JsonToken.VALUE_NULL ? null : in.getText();
                    case "timestamp" -> storedAt = Instant.ofEpochMilli(in.getLongValue());
                    case "version" -> version = token == JsonToken.VALUE_NUMBER_INT;
                    case "allDocs" -> own(in);
                    default -> in.skipChildren();
                }
            }
            return in.currentToken() == JsonToken.END_OBJECT
                    && in.nextToken() == null
                    && status
                    && version
                    && bodyStart >= 0;
        }

        private static Map<String, List<String>> asLists(Map<String, String> headers) {
            Map<String, List<String>> lists = new LinkedHashMap<>();
            headers.forEach((name, text) -> lists.put(name, List.of(text)));
            return lists;
        }

        private void body(JsonParser in, JsonToken token) throws IOException {
            bodyStart = (int) in.currentTokenLocation().getByteOffset();
            empty = token == JsonToken.VALUE_NULL;
            in.skipChildren();
            // The parser reads strings lazily, so the end of a scalar is known only after the token is finished.
            in.finishToken();
            bodyEnd = (int) in.currentLocation().getByteOffset();
        }

        private void own(JsonParser in) throws IOException {
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                in.nextToken();
                switch (name) {
                    case "form" -> head.form(in.getText());
                    case "outcome" -> head.outcome(in.getText());
                    case "rev" -> head.rev(in.getText());
                    case "validatedAt" -> validatedAt = Instant.ofEpochMilli(in.getLongValue());
                    case "lifetime" -> head.lifetime(Duration.ofMillis(in.getLongValue()));
                    case "url" -> head.storedUrl(in.getText());
                    case "proven" -> head.proven(in.currentToken() == JsonToken.VALUE_TRUE);
                    default -> in.skipChildren();
                }
            }
        }

        Stored stored() {
            int length = bodyEnd - bodyStart;
            if (integrity != null
                    && !EntryMetadata.bare(length, integrity, storedAt).describes(value, bodyStart, length)
                    && !fitsCompact(length)) {
                throw new IntegrityException("its body does not match its digest " + integrity, null);
            }
            head.storedAt(storedAt).validatedAt(validatedAt == null ? storedAt : validatedAt);
            if (empty) {
                return new Stored(head.body(null, 0, null).build(), Body.of(new byte[0]), EntryFormat.JSON);
            }
            Body body = Body.of(value, bodyStart, length);
            return new Stored(head.body(null, length, integrity).build(), body, EntryFormat.JSON);
        }

        /**
         * Returns whether the compact form of the body matches the digest. Another writer may have stored the value
         * with white space.
         */
        private boolean fitsCompact(int length) {
            EntryMetadata plain = EntryMetadata.bare(length, null, storedAt);
            try {
                byte[] compact = compact(plain, Body.of(value, bodyStart, length), length);
                return EntryMetadata.bare(compact.length, integrity, storedAt).describes(compact, 0, compact.length);
            } catch (IOException e) {
                return false;
            }
        }
    }
}
