package io.alldocs.worker.mirror;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alldocs.packument.DocumentJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Extracts a part of a packument while it is read, so that only the part is in memory. */
final class Parts {
    private Parts() {}

    /** Opens the text from the start. */
    @FunctionalInterface
    interface Text {
        InputStream open() throws IOException;
    }

    /**
     * Reads a value. If a member occurs twice, the last one counts, as in JavaScript; the whole text is therefore read.
     */
    private interface Reading<T> {
        /** Reads the current value of {@code parser}. */
        @Nullable
        T of(JsonParser parser) throws IOException;
    }

    /**
     * Returns the manifest of a version, or of the version that a tag names; null if the packument contains neither.
     */
    static byte @Nullable [] manifest(Text text, String versionOrTag) throws IOException {
        String tagged = read(text, "dist-tags", tags -> last(tags, versionOrTag, Parts::textOrNull));
        String version = tagged == null ? versionOrTag : tagged;
        return read(text, "versions", versions -> last(versions, version, Parts::objectOrNull));
    }

    /** Returns the object {@code dist-tags}; null if there is none. */
    static byte @Nullable [] distTags(Text text) throws IOException {
        return read(text, "dist-tags", Parts::objectOrNull);
    }

    private static <T> @Nullable T read(Text text, String member, Reading<T> reading) throws IOException {
        try (JsonParser parser = DocumentJson.parser(text.open())) {
            parser.nextToken();
            return last(parser, member, reading);
        }
    }

    /**
     * Applies {@code reading} to the last member of that name; null if there is none, or the value is not an object.
     */
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
