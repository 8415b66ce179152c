package io.alldocs.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.PartitionCheckpoint.Header;
import io.alldocs.cache.PartitionCheckpoint.Record;
import io.alldocs.cache.PartitionCheckpoint.State;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.json.Json;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The JSON of a checkpoint's header and records, in which a header has version 1. Immutable. */
final class CheckpointFormat {
    private final String set;

    /** @param set name of the partition set, for messages */
    CheckpointFormat(String set) {
        this.set = set;
    }

    static ObjectNode json(Record record, String runId) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("run", runId);
        json.put("state", record.state().name().toLowerCase(Locale.ROOT));
        json.put("at", record.at().toEpochMilli());
        json.set("details", Json.MAPPER.valueToTree(record.details()));
        return json;
    }

    /**
     * Reads a stored record.
     *
     * @return empty if the record belongs to another run
     * @throws IntegrityException if the record is damaged
     */
    Optional<Record> record(String key, StoredEntry entry, Header header) {
        try (Body body = entry.body()) {
            int index = Integer.parseInt(key.substring(key.lastIndexOf(':') + 1));
            byte[] json = body.toByteArray();
            if (!entry.head().describes(json, 0, json.length)) {
                throw new IntegrityException("The record " + key + " of the checkpoint " + set + " is damaged", null);
            }
            return record(index, Json.MAPPER.readTree(json), header);
        } catch (IOException | NumberFormatException e) {
            throw new IntegrityException("The record " + key + " of the checkpoint " + set + " cannot be read", e);
        }
    }

    /**
     * Reads the JSON of a record.
     *
     * @return empty if the record belongs to another run
     * @throws IntegrityException if it is not a record
     */
    @SuppressWarnings("unchecked")
    Optional<Record> record(int index, JsonNode json, Header header) {
        if (!json.path("run").asText().equals(header.runId())
                || index >= header.partitions().size()) {
            return Optional.empty();
        }
        try {
            State state = State.valueOf(json.path("state").asText().toUpperCase(Locale.ROOT));
            Map<String, Object> details = Json.MAPPER.convertValue(json.path("details"), Map.class);
            return Optional.of(new Record(
                    index, state, details, Instant.ofEpochMilli(json.path("at").asLong())));
        } catch (IllegalArgumentException e) {
            throw new IntegrityException(
                    "The record of partition " + index + " in the checkpoint " + set + " cannot be read", e);
        }
    }

    static ObjectNode json(Header header) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("version", 1);
        json.put("runId", header.runId());
        json.put("startedAt", header.startedAt().toEpochMilli());
        json.put("origin", header.origin());
        json.put("form", header.form());
        if (header.sequence() != null) {
            json.set("sequence", header.sequence().as(JsonNode.class));
        }
        ArrayNode keys = json.putArray("partitions");
        header.partitions().forEach(key -> keys.add(key.toString()));
        return json;
    }

    /** @throws IntegrityException if it is not a header of this version */
    Header header(JsonNode json) {
        try {
            List<CacheKey> partitions = new ArrayList<>();
            json.path("partitions").forEach(key -> partitions.add(CacheKey.parse(key.asText())));
            if (json.path("version").asInt() != 1) {
                throw new IllegalArgumentException("version " + json.path("version"));
            }
            return new Header(
                    json.path("runId").asText(),
                    Instant.ofEpochMilli(json.path("startedAt").asLong()),
                    json.path("origin").asText(),
                    json.path("form").asText(),
                    json.has("sequence") ? JsonTree.of(json.get("sequence")) : null,
                    partitions);
        } catch (IllegalArgumentException e) {
            throw new IntegrityException(
                    "The header of the checkpoint " + set
                            + " cannot be read. Clear the checkpoint, or use the version of all-docs that wrote it.",
                    e);
        }
    }
}
