package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
import java.nio.charset.StandardCharsets;

/**
 * A unit of work. Immutable.
 *
 * @param type selects the {@code Processor}; 1 to {@value #MAX_TYPE_BYTES} bytes of UTF-8
 * @param id identifies the item in a queue; an id that is already waiting or running is not added again; 1 to
 *     {@value #MAX_ID_BYTES} bytes of UTF-8
 * @param payload input for the processor; JSON's null if there is none, or if a missing value was passed
 * @param priority items with a higher number are processed earlier, and items of the same number in order of arrival;
 *     {@value #MIN_PRIORITY} to {@value #MAX_PRIORITY}. p-queue works the same way; in BullMQ a lower number comes
 *     first
 * @param attempts number of earlier attempts, 0 for a new item, at most {@value #MAX_ATTEMPTS}; queues continue
 *     counting from here
 */
public record WorkItem(String type, String id, JsonTree payload, int priority, int attempts) {

    /** Maximum length of a type, in bytes of UTF-8. */
    public static final int MAX_TYPE_BYTES = 128;

    /** Maximum length of an id, in bytes of UTF-8. */
    public static final int MAX_ID_BYTES = 512;

    /**
     * Lowest priority. The range of priorities takes 21 bits, which leaves 32 of a double's 53 bits for the order
     * within a priority.
     */
    public static final int MIN_PRIORITY = -1_000_000;

    /** Highest priority. */
    public static final int MAX_PRIORITY = 1_000_000;

    /** Highest number of attempts. */
    public static final int MAX_ATTEMPTS = 1_000_000;

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if type or id is empty, too long or not valid Unicode, or if priority or
     *     attempts is out of range
     */
    public WorkItem {
        requireText("type", type, MAX_TYPE_BYTES);
        requireText("id", id, MAX_ID_BYTES);
        payload = payload.isMissingNode() ? JsonTree.of(null) : payload;
        if (priority < MIN_PRIORITY || priority > MAX_PRIORITY) {
            throw new IllegalArgumentException("The priority must be between " + MIN_PRIORITY + " and " + MAX_PRIORITY
                    + ", but is " + priority + ".");
        }
        if (attempts < 0 || attempts > MAX_ATTEMPTS) {
            throw new IllegalArgumentException("The attempts of a work item must be between 0 and " + MAX_ATTEMPTS
                    + ", but are " + attempts + ".");
        }
    }

    /**
     * Creates a new item of priority 0.
     *
     * @param payload any value that {@link JsonTree#of} accepts: a Map, a record, a JsonTree …
     * @throws IllegalArgumentException if the payload cannot be written as JSON, and as for the constructor
     */
    public static WorkItem of(String type, String id, Object payload) {
        return new WorkItem(type, id, JsonTree.of(payload), 0, 0);
    }

    /** Creates a new item of priority 0 without a payload. */
    public static WorkItem of(String type, String id) {
        return of(type, id, JsonTree.of(null));
    }

    /** Returns a copy of this item with another priority. */
    public WorkItem withPriority(int value) {
        return new WorkItem(type, id, payload, value, attempts);
    }

    /** Returns a copy of this item with the given number of attempts; for implementations of a queue. */
    public WorkItem withAttempts(int value) {
        return new WorkItem(type, id, payload, priority, value);
    }

    /** Returns the item in the JavaScript project's format: an object with type, id, payload, priority and attempts. */
    public JsonTree toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("type", type).put("id", id).set("payload", payload.as(JsonNode.class));
        return JsonTree.of(json.put("priority", priority).put("attempts", attempts));
    }

    /**
     * Parses the format of {@link #toJson()}. Payload, priority and attempts may be missing or null; unknown members
     * are ignored.
     *
     * @throws IllegalArgumentException if a member is missing or invalid; the message names it
     */
    public static WorkItem of(JsonTree item) {
        JsonNode json = item.as(JsonNode.class);
        if (!json.isObject()) {
            throw new IllegalArgumentException("A work item must be a JSON object with a type and an id.");
        }
        JsonNode payload = json.path("payload");
        return new WorkItem(
                text(json, "type"),
                text(json, "id"),
                JsonTree.of(payload.isMissingNode() ? null : payload),
                number(json, "priority"),
                number(json, "attempts"));
    }

    private static String text(JsonNode json, String member) {
        JsonNode value = json.path(member);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("The " + member + " of a work item must be a string.");
        }
        return value.textValue();
    }

    private static int number(JsonNode json, String member) {
        JsonNode value = json.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return 0;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new IllegalArgumentException("The " + member + " of a work item must be a whole number.");
        }
        return value.intValue();
    }

    private static void requireText(String what, String text, int maxBytes) {
        if (text.isEmpty() || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("The " + what + " of a work item must be non-empty, valid Unicode.");
        }
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > maxBytes) {
            throw new IllegalArgumentException("The " + what + " of a work item must be at most " + maxBytes
                    + " bytes long, but has " + bytes + " bytes.");
        }
    }
}
