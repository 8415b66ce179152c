package io.alldocs.worker.mirror;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Cuts a part out of a packument while it is read, so that only the part is in memory. */
final class Parts {
    private static final JsonFactory JSON = PackumentRewrite.JSON;

    private Parts() {}

    /** Opens the text anew. */
    @FunctionalInterface
    interface Text {
        InputStream open() throws IOException;
    }

    /** The manifest of a version, or of the version that a tag names; null when the packument has neither. */
    static byte @Nullable [] manifest(Text text, String versionOrTag) throws IOException {
        String tagged = tagged(text, versionOrTag);
        return cut(text, "versions", tagged == null ? versionOrTag : tagged);
    }

    /** The object {@code dist-tags}, null when there is none. */
    static byte @Nullable [] distTags(Text text) throws IOException {
        return cut(text, "dist-tags", null);
    }

    private static @Nullable String tagged(Text text, String tag) throws IOException {
        try (JsonParser parser = find(text, "dist-tags", tag)) {
            return parser != null && parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : null;
        }
    }

    private static byte @Nullable [] cut(Text text, String member, @Nullable String inner) throws IOException {
        try (JsonParser parser = find(text, member, inner)) {
            if (parser == null || parser.currentToken() != JsonToken.START_OBJECT) {
                return null;
            }
            ByteArrayOutputStream part = new ByteArrayOutputStream();
            try (JsonGenerator generator = JSON.createGenerator(part)) {
                generator.copyCurrentStructureExact(parser);
            }
            return part.toByteArray();
        }
    }

    /** A parser at the value of {@code member}, or of {@code inner} in it; null when there is no such. Close it. */
    private static @Nullable JsonParser find(Text text, String member, @Nullable String inner) throws IOException {
        JsonParser parser = JSON.createParser(text.open());
        boolean found = false;
        try {
            parser.nextToken();
            found = enter(parser, member) && (inner == null || enter(parser, inner));
            return found ? parser : null;
        } finally {
            if (!found) {
                parser.close();
            }
        }
    }

    private static boolean enter(JsonParser parser, String member) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return false;
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            if (name.equals(member)) {
                return true;
            }
            parser.skipChildren();
        }
        return false;
    }
}
