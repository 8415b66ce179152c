package io.alldocs.storage.fastly;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.http.IntermediaryResponseException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A batch of items in one request, with one JSON object per line (<a
 * href="https://www.fastly.com/documentation/reference/api/services/resources/kv-store-item/#kv-store-upsert-batch">Insert
 * or update multiple items</a>).
 */
final class Batch {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final ObjectMapper JSON = new ObjectMapper(FACTORY);

    private Batch() {}

    /** An item. */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    record Line(String name, byte[] value, String metadata) {}

    static byte[] body(List<Line> lines) {
        int bytes = lines.stream()
                .mapToInt(line -> line.value().length / 3 * 4
                        + line.name().length()
                        + line.metadata().length()
                        + 100)
                .sum();
        ByteArrayOutputStream body = new ByteArrayOutputStream(bytes);
        for (Line line : lines) {
            try (JsonGenerator out = FACTORY.createGenerator(body)) {
                out.writeStartObject();
                out.writeStringField("key", line.name());
                out.writeStringField("metadata", line.metadata());
                out.writeBinaryField("value", line.value());
                out.writeEndObject();
            } catch (IOException e) {
                throw new UncheckedIOException("Writing to memory failed", e);
            }
            body.write('\n');
        }
        return body.toByteArray();
    }

    /**
     * Returns the lines that Fastly has not stored: those that the response names. Returns all lines if Fastly rejected
     * the batch without naming any, or named a line that does not exist.
     *
     * @param taken whether Fastly accepted the batch as a whole
     * @throws IOException if the batch was accepted and the response is not Fastly's
     */
    static Set<Integer> left(List<Line> lines, boolean taken, byte[] answer) throws IOException {
        JsonNode errors;
        try {
            errors = JSON.readTree(answer).path("errors");
            if (taken && !errors.isArray()) {
                throw new IntermediaryResponseException("a confirmation without its list of errors");
            }
        } catch (IOException e) {
            if (taken) {
                throw e;
            }
            return all(lines);
        }
        Set<Integer> left = new TreeSet<>();
        for (JsonNode error : errors) {
            int index = error.path("index").asInt(-1);
            if (index < 0 || index >= lines.size()) {
                return all(lines);
            }
            left.add(index);
        }
        return left.isEmpty() && !taken ? all(lines) : left;
    }

    private static Set<Integer> all(List<Line> lines) {
        Set<Integer> all = new TreeSet<>();
        IntStream.range(0, lines.size()).forEach(all::add);
        return all;
    }
}
