package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.JsonTree;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.partition.Sequence;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Small JSON records in a cache. A damaged record counts as absent. Safe for concurrent use. */
final class RecordStore {
    private static final Logger LOG = System.getLogger(RecordStore.class.getName());

    private final Cache cache;

    RecordStore(Cache cache) {
        this.cache = cache;
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    Cache cache() {
        return cache;
    }

    Optional<JsonNode> read(String key) {
        try {
            return readIntact(key);
        } catch (IntegrityException e) {
            LOG.log(Level.WARNING, "A record of a job is damaged and is treated as absent. {0}", e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Reads a record as {@link #read} does, if its loss must be compensated.
     *
     * @throws IntegrityException if it is damaged
     */
    Optional<JsonNode> readIntact(String key) {
        Optional<JsonNode> record = cache.get(key, JsonNode.class);
        if (record.filter(json -> !json.isObject()).isPresent()) {
            throw new IntegrityException("The value of " + key + " is not an object in JSON", null);
        }
        return record;
    }

    void write(String key, JsonNode record) {
        cache.set(key, record);
    }

    void delete(String key) {
        cache.delete(key);
    }

    boolean has(String key) {
        return cache.has(key);
    }

    /**
     * Writes a record that does not exist yet.
     *
     * @return false if it exists; in a store without conditional puts, two processes may both receive true
     */
    boolean create(String key, JsonNode record) {
        return cache.setIfAbsent(key, record);
    }

    static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    /** Returns the sequence in a record; null if it has none. */
    static @Nullable Sequence sequence(JsonNode json) {
        return json.isNull() || json.isMissingNode() ? null : Sequence.of(JsonTree.of(json));
    }

    /** Returns the time that {@link #text} wrote; null if the record has none. */
    static @Nullable Instant instant(JsonNode json) {
        return json.isTextual() ? Instant.parse(json.asText()) : null;
    }
}
