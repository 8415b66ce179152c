package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.WorkQueue;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Lists, retries and discards dead letters for {@code WorkerServer}, in JSON. */
final class DeadLetterRoutes {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;

    private DeadLetterRoutes() {}

    /**
     * Lists the oldest dead letters, without their payloads.
     *
     * @param query {@code limit}: maximum number of letters, {@value #DEFAULT_LIMIT} by default
     * @throws IllegalArgumentException if the limit is not a number from 1 to {@value #MAX_LIMIT}
     */
    static ObjectNode list(WorkQueue queue, Map<String, String> query) {
        int limit = limit(query.getOrDefault("limit", String.valueOf(DEFAULT_LIMIT)));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode dead = answer.put("total", queue.sizes().dead()).putArray("dead");
        try (Stream<DeadLetter> letters = queue.deadLetters()) {
            for (Iterator<DeadLetter> each = letters.iterator(); dead.size() < limit && each.hasNext(); ) {
                DeadLetter letter = each.next();
                dead.addObject()
                        .put("id", letter.item().id())
                        .put("type", letter.item().type())
                        .put("priority", letter.item().priority())
                        .put("attempts", letter.item().attempts())
                        .put("reason", letter.reason())
                        .put("at", letter.at().toEpochMilli());
            }
        }
        return answer;
    }

    private static int limit(String text) {
        if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_LIMIT) {
            throw new IllegalArgumentException(
                    "limit must be a whole number from 1 to " + MAX_LIMIT + ", but is \"" + text + "\".");
        }
        return Integer.parseInt(text);
    }

    /**
     * Returns dead letters to the queue.
     *
     * @param body {@code {"ids": ["…"]}} or {@code {"all": true}}
     * @throws IllegalArgumentException if the body is neither
     */
    static ObjectNode retry(WorkQueue queue, JsonNode body) {
        int retried = isAll(body) ? DeadLetters.retryAll(queue) : queue.retryDead(ids(body));
        return JsonNodeFactory.instance.objectNode().put("retried", retried);
    }

    /**
     * Deletes dead letters.
     *
     * @param body as in {@link #retry}
     * @throws IllegalArgumentException if the body is neither
     */
    static ObjectNode discard(WorkQueue queue, JsonNode body) {
        int discarded = isAll(body) ? DeadLetters.discardAll(queue) : queue.discardDead(ids(body));
        return JsonNodeFactory.instance.objectNode().put("discarded", discarded);
    }

    private static boolean isAll(JsonNode body) {
        return body.isObject() && !body.has("ids") && body.path("all").booleanValue();
    }

    private static List<String> ids(JsonNode body) {
        JsonNode ids = body.path("ids");
        if (!ids.isArray() || body.has("all")) {
            throw new IllegalArgumentException("The body must be {\"ids\": [\"…\"]} or {\"all\": true}.");
        }
        List<String> texts = new ArrayList<>(ids.size());
        for (JsonNode id : ids) {
            if (!id.isTextual()) {
                throw new IllegalArgumentException("ids must be an array of strings.");
            }
            texts.add(id.textValue());
        }
        return texts;
    }
}
