package io.alldocs.packument;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;

/** How stored documents are parsed: strings as long as a body may be, for some carry books as README. */
final class DocumentJson {

    /** UTF-8 only, as RFC 8259 wants; guessing other encodings would read damaged bytes as something else. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private DocumentJson() {}

    /** Closing it closes the stream. */
    static JsonParser parser(InputStream decoded) throws IOException {
        return FACTORY.createParser(decoded);
    }

    static JsonParser parser(byte[] json) throws IOException {
        return FACTORY.createParser(json);
    }
}
