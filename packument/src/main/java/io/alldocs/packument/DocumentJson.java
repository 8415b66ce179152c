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
 * Parses stored documents as npm's client does: bytes that are not UTF-8 read as U+FFFD, and texts, numbers and names have no limit other than the size of
 * the document (JavaScript's {@code JSON.parse} has none, and packuments with books as README exist). What is not JSON by RFC 8259 is refused.
 */
public final class DocumentJson {

    /** Deepest nesting. Jackson keeps about 64 bytes for each level, so this bounds what a hostile document can make it keep to about 13 MB. */
    public static final int MAX_DEPTH = 200_000;

    /**
     * UTF-8 only, as RFC 8259 demands; guessing other encodings would read damaged bytes as something else. A document may repeat the hash of its
     * names on purpose, so that is no error. What it writes is ASCII: JSON can escape half a surrogate pair, and UTF-8 cannot express it.
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
     * Returns the factory of the parsers, whose generators write what they read: any depth, and ASCII. Parsers that it makes itself do not replace bytes
     * that are not UTF-8; {@link #parser(InputStream)} does.
     */
    public static JsonFactory factory() {
        return FACTORY;
    }

    /**
     * Returns a parser of a document's text. Closing it closes the stream.
     *
     * @param decoded the text, without a content coding
     * @throws IOException if the stream cannot be read
     */
    public static JsonParser parser(InputStream decoded) throws IOException {
        return FACTORY.createParser(new Utf8Repair(decoded));
    }

    /**
     * Returns a document's text as UTF-8: what is not is replaced by U+FFFD. Closing it closes the stream.
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
