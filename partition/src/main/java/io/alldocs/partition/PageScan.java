package io.alldocs.partition;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The result of a single pass over an {@code _all_docs} response. The pass checks that {@code rows} is present, that
 * every row has an id of valid Unicode, and that ids are strictly ascending.
 *
 * @param rawRows number of rows, including design documents
 * @param designDocuments number of rows whose id begins with {@code _design/}
 * @param first id of the first row, null if there is none
 * @param last id of the last row, null if there is none
 * @param offset number of documents before the first row, if the server counts them
 * @param totalRows number of documents in the database, if the server counts them
 * @param tailFrom start of the last row in the decoded text, including the comma before it
 * @param tailTo end of the last row
 */
record PageScan(
        int rawRows,
        int designDocuments,
        @Nullable String first,
        @Nullable String last,
        OptionalLong offset,
        OptionalLong totalRows,
        long tailFrom,
        long tailTo) {

    /** Reads decoded bytes to their end and closes the stream. */
    static PageScan of(InputStream decoded) throws IOException {
        try (JsonParser parser = Json.parser(decoded)) {
            return new Scanner(parser).scan();
        } catch (JsonProcessingException e) {
            throw new MalformedAnswerException("the body is not JSON", e);
        }
    }

    /** Returns the number of names in the page. */
    int names() {
        return rawRows - designDocuments;
    }

    /** Returns the same page without its last row. */
    PageScan withoutLast() {
        boolean design = last != null && Keys.isDesignDocument(last);
        return new PageScan(
                rawRows - 1,
                design ? designDocuments - 1 : designDocuments,
                first,
                last,
                offset,
                totalRows,
                tailFrom,
                tailTo);
    }

    /** Returns whether no document follows the page, according to the server's own count. */
    boolean countsToTheEnd() {
        return offset.isPresent() && totalRows.isPresent() && offset.getAsLong() + rawRows == totalRows.getAsLong();
    }

    /**
     * Returns the number of rows. A first row that repeats the last row of the previous page is not counted, nor is a
     * last row with the end key.
     */
    int rowsBeside(@Nullable String lastBefore, @Nullable String end) {
        int repeated = first != null && first.equals(lastBefore) ? 1 : 0;
        int outside = last != null && last.equals(end) ? 1 : 0;
        return rawRows - repeated - outside;
    }

    /** Performs the pass. Keeps one id at a time, and creates no objects per row except its position. */
    private static final class Scanner {
        private final JsonParser parser;
        private final IdBuffer id = new IdBuffer();
        private OptionalLong offset = OptionalLong.empty();
        private OptionalLong totalRows = OptionalLong.empty();
        private @Nullable String first;
        private int rows = -1;
        private int designDocuments;
        private long tailFrom;
        private long tailTo;

        Scanner(JsonParser parser) {
            this.parser = parser;
        }

        PageScan scan() throws IOException {
            parser.nextToken();
            Json.expect(parser, JsonToken.START_OBJECT, "expected a JSON object");
            for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
                parser.nextToken();
                switch (field) {
                    case "total_rows" -> totalRows = Json.wholeNumber(parser);
                    case "offset" -> offset = Json.wholeNumber(parser);
                    case "rows" -> rows();
                    default -> parser.skipChildren();
                }
            }
            Json.expectEnd(parser);
            if (rows < 0) {
                throw new MalformedAnswerException("the JSON object has no \"rows\"");
            }
            return new PageScan(
                    rows,
                    designDocuments,
                    first,
                    rows == 0 ? null : id.toString(),
                    offset,
                    totalRows,
                    tailFrom,
                    tailTo);
        }

        private void rows() throws IOException {
            Json.expect(parser, JsonToken.START_ARRAY, "\"rows\" is not an array");
            if (rows >= 0) {
                throw new MalformedAnswerException("the JSON object has \"rows\" twice");
            }
            rows = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                Json.expect(parser, JsonToken.START_OBJECT, "expected a row");
                tailFrom = rows == 0 ? parser.currentTokenLocation().getByteOffset() : tailTo;
                row();
                tailTo = parser.currentLocation().getByteOffset();
                rows++;
            }
        }

        private void row() throws IOException {
            boolean found = false;
            for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                if (value == JsonToken.VALUE_STRING && field.equals("id")) {
                    found = true;
                    takeId();
                } else {
                    parser.skipChildren();
                }
            }
            if (!found) {
                throw new MalformedAnswerException("row " + rows + " has no \"id\"");
            }
        }

        private void takeId() throws IOException {
            char[] text = parser.getTextCharacters();
            int from = parser.getTextOffset();
            int length = parser.getTextLength();
            if (rows > 0 && id.compareTo(text, from, length) >= 0) {
                throw new MalformedAnswerException("ids are not in ascending"
                        + " order: " + Keys.quote(new String(text, from, length))
                        + " in row " + rows + " is not above " + Keys.quote(id.toString()));
            }
            if (!id.set(text, from, length)) {
                throw new MalformedAnswerException("the id of row " + rows + " is not valid Unicode");
            }
            if (rows == 0) {
                first = id.toString();
            }
            if (id.isDesignDocument()) {
                designDocuments++;
            }
        }
    }
}
