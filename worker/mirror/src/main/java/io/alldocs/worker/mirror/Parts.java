package io.alldocs.worker.mirror;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alldocs.packument.DocumentJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Cuts a part out of a packument while it is read, so that only the part is in memory. */
final class Parts {
    private Parts() {}

    /** Opens the text anew. */
    @FunctionalInterface
    interface Text {
        InputStream open() throws IOException;
    }

    /** Of a member that stands twice the last one counts, as in JavaScript; so the whole text is read. */
    private interface Reading<T> {
        /** Reads the value at which {@code parser} stands. */
        @Nullable
        T of(JsonParser parser) throws IOException;
    }

    /** The manifest of a version, or of the version that a tag names; null when the packument has neither. */
    static byte @Nullable [] manifest(Text text, String versionOrTag) throws IOException {
        String tagged = read(text, "dist-tags", tags -> last(tags, versionOrTag, Parts::textOrNull));
        String version = tagged == null ? versionOrTag : tagged;
        return read(text, "versions", versions -> last(versions, version, Parts::objectOrNull));
    }

    /** The object {@code dist-tags}, null when there is none. */
    static byte @Nullable [] distTags(Text text) throws IOException {
        return read(text, "dist-tags", Parts::objectOrNull);
    }

    private static <T> @Nullable T read(Text text, String member, Reading<T> reading) throws IOException {
        try (JsonParser parser = DocumentJson.parser(text.open())) {
            parser.nextToken();
            return last(parser, member, reading);
        }
    }

    /** What {@code reading} makes of the last member of that name; null when there is none, or no object. */
    private static <T> @Nullable T last(JsonParser parser, String member, Reading<T> reading) throws IOException {
        @Nullable T found = null;
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                if (name.equals(member)) {
                    found = reading.of(parser);
                } else {
                    parser.skipChildren();
                }
            }
        } else {
            parser.skipChildren();
        }
        return found;
    }

    private static @Nullable String textOrNull(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        parser.skipChildren();
        return null;
    }

    private static byte @Nullable [] objectOrNull(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return null;
        }
        ByteArrayOutputStream object = new ByteArrayOutputStream();
        try (JsonGenerator generator = DocumentJson.factory().createGenerator(object)) {
            PackumentRewrite.copyValue(parser, generator);
        }
        return object.toByteArray();
    }
}
