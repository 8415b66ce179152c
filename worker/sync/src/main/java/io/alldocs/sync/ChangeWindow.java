package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.partition.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A part of the feed whose changed names are fetched in chunks, by any processes.
 *
 * @param since the recorded sequence before it
 * @param to the sequence that is recorded when it is closed
 * @param changes changes in it, including those of names outside the job
 * @param touched partitions whose pages it makes stale
 * @param chunks the changed names of the job
 */
public record ChangeWindow(Sequence since, Sequence to, long changes, Set<Integer> touched, List<Chunk> chunks) {
    /** Names in one chunk: about a second of requests. */
    public static final int CHUNK_NAMES = 25;

    /**
     * Changed names that are fetched together.
     *
     * @param window which window they are of
     * @param index of the chunk in it, from 0
     * @param names each with its change from the feed, in JSON
     */
    public record Chunk(String window, int index, JsonTree names) {
        /** Returns the number of names. */
        public int size() {
            return names.size();
        }

        /** Returns the chunk as JSON for a work item's payload. */
        public JsonTree toJson() {
            ObjectNode json = RecordStore.object().put("window", window).put("index", index);
            json.set("names", names.as(JsonNode.class));
            return JsonTree.of(json);
        }

        /** Returns the chunk that {@link #toJson} wrote. */
        public static Chunk of(JsonTree json) {
            return new Chunk(json.path("window").asText(), json.path("index").asInt(), json.path("names"));
        }

        Map<String, PendingRetry> retries() {
            Map<String, PendingRetry> retries = new LinkedHashMap<>();
            names.as(JsonNode.class)
                    .properties()
                    .forEach(each -> retries.put(each.getKey(), PendingRetry.of(each.getValue())));
            return retries;
        }
    }

    /** Copies the collections. */
    public ChangeWindow {
        touched = Set.copyOf(touched);
        chunks = List.copyOf(chunks);
    }

    static ChangeWindow of(
            Sequence since, Sequence to, long changes, Set<Integer> touched, Map<String, PendingRetry> names) {
        List<Chunk> chunks = new ArrayList<>();
        ObjectNode chunk = RecordStore.object();
        for (Map.Entry<String, PendingRetry> each : names.entrySet()) {
            chunk.set(each.getKey(), each.getValue().toJson());
            if (chunk.size() == CHUNK_NAMES) {
                chunks.add(new Chunk(id(since, to), chunks.size(), JsonTree.of(chunk)));
                chunk = RecordStore.object();
            }
        }
        if (!chunk.isEmpty()) {
            chunks.add(new Chunk(id(since, to), chunks.size(), JsonTree.of(chunk)));
        }
        return new ChangeWindow(since, to, changes, touched, chunks);
    }

    /** Returns an id that distinguishes the window from the other windows of its job. */
    public String id() {
        return id(since, to);
    }

    /** Returns a short id, because sequences may be long texts. */
    private static String id(Sequence since, Sequence to) {
        return Digest.of(since.toString(), to.toString());
    }

    ObjectNode toJson() {
        ObjectNode json = RecordStore.object().put("changes", changes);
        json.set("since", since.toJson().as(JsonNode.class));
        json.set("to", to.toJson().as(JsonNode.class));
        touched.forEach(json.putArray("touched")::add);
        chunks.forEach(chunk -> json.withArray("/chunks").add(chunk.toJson().as(JsonNode.class)));
        return json;
    }

    static ChangeWindow of(JsonNode json) {
        Set<Integer> touched = new TreeSet<>();
        json.path("touched").forEach(index -> touched.add(index.asInt()));
        List<Chunk> chunks = new ArrayList<>();
        json.path("chunks").forEach(chunk -> chunks.add(Chunk.of(JsonTree.of(chunk))));
        return new ChangeWindow(
                Sequence.of(JsonTree.of(json.path("since"))),
                Sequence.of(JsonTree.of(json.path("to"))),
                json.path("changes").asLong(),
                touched,
                chunks);
    }
}
