package io.alldocs.packument;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Parses stored documents like npm's client. Only for the modules of this project, because its methods expose types of
 * Jackson 2; applications use {@link CachedPackument#documentStream()}. Bytes that are not UTF-8 are read as U+FFFD.
 * Strings, numbers and names are limited only by the size of the document. JavaScript's {@code JSON.parse} has no
 * limit, and some packuments contain whole books as README. Text that is not JSON according to RFC 8259 is refused.
 */
public final class DocumentJson {

    /**
     * Maximum nesting. Jackson keeps about 64 bytes per level, so a hostile document can make it allocate at most about
     * 13 MB.
     */
    public static final int MAX_DEPTH = 200_000;

    /**
     * Reads UTF-8 only, as RFC 8259 requires, because charset detection could misinterpret damaged bytes. Names with
     * equal hash codes are not an error, although a document may contain them on purpose. Output is ASCII, because JSON
     * can escape an unpaired surrogate, which UTF-8 cannot encode.
     */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNestingDepth(MAX_DEPTH)
                    .build())
            .streamWriteConstraints(
                    StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    private DocumentJson() {}

    /**
     * Returns the factory of the parsers. Its generators can write everything that the parsers read, at any depth, in
     * ASCII. Parsers that the factory creates directly do not replace bytes that are not UTF-8;
     * {@link #parser(InputStream)} does.
     */
    public static JsonFactory factory() {
        return FACTORY;
    }

    /**
     * Returns a parser of a document's text. Closing the parser closes the stream.
     *
     * @param decoded the text, without a content coding
     * @throws IOException if the stream cannot be read
     */
    public static JsonParser parser(InputStream decoded) throws IOException {
        return FACTORY.createParser(new Utf8Repair(decoded));
    }

    /**
     * Returns a document's text as UTF-8, with U+FFFD in place of invalid bytes. Closing the result closes the stream.
     *
     * @param decoded the text, without a content coding
     */
    public static InputStream text(InputStream decoded) {
        return new Utf8Repair(decoded);
    }

    static JsonParser parser(byte[] json) throws IOException {
        return FACTORY.createParser(new String(json, StandardCharsets.UTF_8));
    }
}
