package io.alldocs.partition;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** How this module reads JSON. */
final class Json {
    static final ObjectMapper MAPPER = new ObjectMapper();

    private static final JsonFactory FACTORY = MAPPER.getFactory();
    private static final int BUFFER_BYTES = 16 * 1024;

    private Json() {}

    /** Returns a parser for decoded bytes. Closing the parser closes the stream. */
    static JsonParser parser(InputStream decoded) throws IOException {
        return FACTORY.createParser(decoded);
    }

    /** Returns the bytes of a body without its content coding. */
    static InputStream decode(InputStream raw, @Nullable String encoding) throws IOException {
        return encoding == null ? raw : new GZIPInputStream(raw, BUFFER_BYTES);
    }

    static void expect(JsonParser parser, JsonToken token, String what) throws IOException {
        if (parser.currentToken() != token) {
            throw new MalformedAnswerException(what + " at byte "
                    + parser.currentTokenLocation().getByteOffset() + ", found "
                    + (parser.currentToken() == null ? "the end" : parser.currentToken()));
        }
    }

    static void expectEnd(JsonParser parser) throws IOException {
        if (parser.nextToken() != null) {
            throw new MalformedAnswerException(
                    "expected nothing after the JSON object, found " + parser.currentToken());
        }
    }

    /** Returns the number at the parser's position. Empty for null, which is sent by servers that do not count. */
    static OptionalLong wholeNumber(JsonParser parser) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                ? OptionalLong.of(parser.getLongValue())
                : OptionalLong.empty();
    }

    static JsonNode tree(JsonParser parser) throws IOException {
        return MAPPER.readTree(parser);
    }
}
