package io.alldocs.storage.filesystem;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.spi.SriHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One record of an index bucket.
 *
 * @param key the key of the value
 * @param integrity SRI string of the content; null if the key was deleted
 * @param timeMillis when the value was stored, milliseconds since 1970
 * @param sizeBytes of the content, or {@link #UNKNOWN_SIZE} if another program did not record it
 * @param metadata a JSON object: this driver's {@link EntryMetadata} or the metadata of another writer; null if there
 *     is none
 */
record IndexRecord(
        String key,
        @Nullable String integrity,
        long timeMillis,
        long sizeBytes,
        @Nullable String metadata) {

    static final long UNKNOWN_SIZE = -1;

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();
    private static final HexFormat HEX = HexFormat.of();
    private static final int CHECKSUM_LENGTH = 40;

    /** Returns the record that stores {@code head}. Omits the metadata if the other fields contain all of it. */
    static IndexRecord of(String key, EntryMetadata head, String integrity) {
        long time = head.storedAt().toEpochMilli();
        EntryMetadata bare = EntryMetadata.bare(head.sizeBytes(), integrity, Instant.ofEpochMilli(time));
        return new IndexRecord(key, integrity, time, head.sizeBytes(), head.equals(bare) ? null : head.toJson());
    }

    static IndexRecord deleted(String key, Instant now) {
        return new IndexRecord(key, null, now.toEpochMilli(), UNKNOWN_SIZE, null);
    }

    /**
     * Returns the hash that names the content; empty for a deleted key or an integrity without a supported algorithm.
     */
    Optional<SriHash> content() {
        return integrity == null ? Optional.empty() : SriHash.strongest(integrity);
    }

    /** Returns the stored head, or one derived from the record if another program wrote it. */
    EntryMetadata head(long contentSizeBytes) {
        if (metadata != null) {
            try {
                EntryMetadata head = EntryMetadata.parse(metadata);
                if (head.sizeBytes() == sizeBytes) {
                    return head;
                }
            } catch (IntegrityException e) {
                // metadata of another program
            }
        }
        return EntryMetadata.bare(
                sizeBytes == UNKNOWN_SIZE ? contentSizeBytes : sizeBytes, integrity, Instant.ofEpochMilli(timeMillis));
    }

    /**
     * Returns the bytes to append to a bucket. They begin with a line break, which terminates a torn record before
     * them.
     */
    byte[] toLine() {
        byte[] json = toJson().getBytes(StandardCharsets.UTF_8);
        byte[] line = new byte[1 + CHECKSUM_LENGTH + 1 + json.length];
        line[0] = '\n';
        byte[] checksum = checksum(json, 0, json.length);
        System.arraycopy(checksum, 0, line, 1, CHECKSUM_LENGTH);
        line[1 + CHECKSUM_LENGTH] = '\t';
        System.arraycopy(json, 0, line, 2 + CHECKSUM_LENGTH, json.length);
        return line;
    }

    private String toJson() {
        StringBuilder json = new StringBuilder(metadata == null ? 256 : 256 + metadata.length());
        json.append("{\"key\":");
        quote(key, json);
        json.append(",\"integrity\":");
        if (integrity == null) {
            json.append("null");
        } else {
            quote(integrity, json);
        }
        json.append(",\"time\":").append(timeMillis);
        if (sizeBytes != UNKNOWN_SIZE) {
            json.append(",\"size\":").append(sizeBytes);
        }
        if (metadata != null) {
            json.append(",\"metadata\":").append(metadata);
        }
        return json.append('}').toString();
    }

    private static void quote(String text, StringBuilder json) {
        json.append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, json);
        json.append('"');
    }

    /**
     * Parses the line in {@code bytes[from, to)}, without its line break; empty if it is torn, damaged or not a record.
     */
    static Optional<IndexRecord> parse(byte[] bytes, int from, int to) {
        int json = from + CHECKSUM_LENGTH + 1;
        if (to <= json || bytes[json - 1] != '\t') {
            return Optional.empty();
        }
        byte[] checksum = checksum(bytes, json, to - json);
        if (!Arrays.equals(checksum, 0, CHECKSUM_LENGTH, bytes, from, from + CHECKSUM_LENGTH)) {
            return Optional.empty();
        }
        try {
            return parseJson(Arrays.copyOfRange(bytes, json, to));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<IndexRecord> parseJson(byte[] json) throws IOException {
        String key = null;
        String integrity = null;
        long time = 0;
        long size = UNKNOWN_SIZE;
        String metadata = null;
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                switch (field) {
                    case "key" -> key = value == JsonToken.VALUE_STRING ? parser.getText() : null;
                    case "integrity" -> integrity = value == JsonToken.VALUE_STRING ? parser.getText() : null;
                    case "time" -> time = value.isNumeric() ? (long) parser.getDoubleValue() : 0;
                    case "size" -> size = value.isNumeric() ? (long) parser.getDoubleValue() : UNKNOWN_SIZE;
                    case "metadata" -> metadata = value == JsonToken.START_OBJECT ? objectText(parser, json) : null;
                    default -> {}
                }
                parser.skipChildren();
            }
        }
        return key == null
                ? Optional.empty()
                : Optional.of(new IndexRecord(
                        key, integrity == null || integrity.isEmpty() ? null : integrity, time, size, metadata));
    }

    /**
     * Returns the text of the object that starts at the parser's current token. Leaves the parser at the end of the
     * object.
     */
    private static String objectText(JsonParser parser, byte[] json) throws IOException {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        int end = (int) parser.currentTokenLocation().getByteOffset() + 1;
        return new String(json, start, end - start, StandardCharsets.UTF_8);
    }

    private static byte[] checksum(byte[] bytes, int from, int length) {
        MessageDigest sha1 = SriHash.Algorithm.SHA1.newDigest();
        sha1.update(bytes, from, length);
        return HEX.formatHex(sha1.digest()).getBytes(StandardCharsets.ISO_8859_1);
    }
}
