package io.alldocs.partition;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.alldocs.cache.CacheEntry;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of one stored page without parsing the page as a whole. Leaves out {@code _design/…} documents. Not
 * thread-safe.
 */
final class RowReader implements AutoCloseable {
    private final JsonParser parser;

    RowReader(CacheEntry entry) throws IOException {
        parser = Json.parser(entry.bodyStream());
        boolean opened = false;
        try {
            findRows();
            opened = true;
        } finally {
            if (!opened) {
                parser.close();
            }
        }
    }

    private void findRows() throws IOException {
        parser.nextToken();
        Json.expect(parser, JsonToken.START_OBJECT, "expected a JSON object");
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            if (field.equals("rows")) {
                Json.expect(parser, JsonToken.START_ARRAY, "\"rows\" is not an array");
                return;
            }
            parser.skipChildren();
        }
        throw new MalformedAnswerException("the JSON object has no \"rows\"");
    }

    /** Returns the next row, or null after the last. */
    @Nullable
    PartitionRow next() throws IOException {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            PartitionRow row = row();
            if (!Keys.isDesignDocument(row.id())) {
                return row;
            }
        }
        return null;
    }

    private PartitionRow row() throws IOException {
        @Nullable String id = null;
        @Nullable String rev = null;
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (value == JsonToken.VALUE_STRING && field.equals("id")) {
                id = parser.getText();
            } else if (value == JsonToken.START_OBJECT && field.equals("value")) {
                rev = rev();
            } else {
                parser.skipChildren();
            }
        }
        if (id == null) {
            throw new MalformedAnswerException("a row has no \"id\"");
        }
        return new PartitionRow(id, rev);
    }

    private @Nullable String rev() throws IOException {
        @Nullable String rev = null;
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            if (parser.nextToken() == JsonToken.VALUE_STRING && field.equals("rev")) {
                rev = parser.getText();
            } else {
                parser.skipChildren();
            }
        }
        return rev;
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
