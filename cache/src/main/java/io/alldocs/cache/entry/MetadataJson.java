package io.alldocs.cache.entry;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alldocs.cache.internal.json.Json;
import io.alldocs.cache.internal.key.Utf8;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes metadata as JSON text. Streams without building a tree, because every read and write of an entry
 * uses it.
 */
final class MetadataJson {
    private MetadataJson() {}

    static String write(EntryMetadata head) {
        StringWriter text = new StringWriter(512);
        try (JsonGenerator out = Json.FACTORY.createGenerator(text)) {
            out.writeStartObject();
            if (head.status() != 0) {
                out.writeNumberField("status", head.status());
            }
            writeText(out, "form", head.form());
            writeText(out, "outcome", head.outcome());
            writeText(out, "rev", head.rev());
            writeText(out, "encoding", head.encoding());
            out.writeNumberField("size", head.sizeBytes());
            writeText(out, "integrity", head.integrity());
            out.writeNumberField("storedAt", head.storedAt().toEpochMilli());
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
            writeHeaders(out, head.headers());
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
        return text.toString();
    }

    /**
     * Escapes characters outside ASCII and repeated spaces. Both occur only within JSON strings, which allow escapes.
     */
    static String ascii(String json) {
        StringBuilder ascii = new StringBuilder(json.length() + 16);
        char before = 0;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c > '~' || (c == ' ' && before == ' ')) {
                ascii.append(String.format("\\u%04x", (int) c));
            } else {
                ascii.append(c);
            }
            before = c;
        }
        return ascii.toString();
    }

    private static void writeHeaders(JsonGenerator out, Map<String, String> headers) throws IOException {
        if (headers.isEmpty()) {
            return;
        }
        out.writeObjectFieldStart("headers");
        for (Map.Entry<String, String> header : headers.entrySet()) {
            out.writeStringField(header.getKey(), header.getValue());
        }
        out.writeEndObject();
    }

    private static void writeText(JsonGenerator out, String name, @Nullable String value) throws IOException {
        if (value != null) {
            out.writeStringField(name, value);
        }
    }

    static EntryMetadata parse(String json) {
        try (JsonParser in = Json.FACTORY.createParser(json)) {
            require(in.nextToken() == JsonToken.START_OBJECT, in);
            EntryMetadata head = parseObject(in);
            require(in.nextToken() == null, in);
            return head;
        } catch (IOException | DateTimeException | IllegalArgumentException | ArithmeticException e) {
            throw new IntegrityException("Cannot parse the head of an entry: " + Utf8.quote(json), e);
        }
    }

    private static EntryMetadata parseObject(JsonParser in) throws IOException {
        EntryMetadata.Builder head = EntryMetadata.builder();
        String encoding = null;
        String integrity = null;
        long size = -1;
        boolean stored = false;
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken value = in.nextToken();
            switch (name) {
                case "status" -> head.status(in.getIntValue());
                case "form" -> head.form(text(in, value));
                case "outcome" -> head.outcome(text(in, value));
                case "rev" -> head.rev(text(in, value));
                case "encoding" -> encoding = text(in, value);
                case "size" -> size = in.getLongValue();
                case "integrity" -> integrity = text(in, value);
                case "storedAt" -> {
                    head.storedAt(Instant.ofEpochMilli(in.getLongValue()));
                    stored = true;
                }
                case "validatedAt" -> head.validatedAt(Instant.ofEpochMilli(in.getLongValue()));
                case "lifetime" -> head.lifetime(Duration.ofMillis(in.getLongValue()));
                case "url" -> head.storedUrl(text(in, value));
                case "proven" -> head.proven(value == JsonToken.VALUE_TRUE);
                case "headers" -> head.storedHeaders(Json.scalarMembers(in));
                default -> in.skipChildren();
            }
        }
        require(in.currentToken() == JsonToken.END_OBJECT && stored && size >= 0, in);
        return head.body(encoding, size, integrity).build();
    }

    private static @Nullable String text(JsonParser in, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_NULL) {
            return null;
        }
        require(value == JsonToken.VALUE_STRING, in);
        return in.getText();
    }

    private static void require(boolean condition, JsonParser in) {
        if (!condition) {
            throw new IllegalArgumentException(
                    "unexpected or missing member, at " + in.currentLocation().offsetDescription());
        }
    }
}
