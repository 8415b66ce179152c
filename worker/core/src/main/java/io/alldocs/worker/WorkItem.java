package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.worker.spi.WorkQueue;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * One piece of work. Immutable as long as nobody changes the payload.
 *
 * @param type which {@code Processor} does it; 1 to {@value #MAX_TYPE_BYTES} bytes of UTF-8
 * @param id what it is known by; an id that waits or runs already is not added to a queue again; 1 to
 *     {@value #MAX_ID_BYTES} bytes of UTF-8
 * @param payload what the processor needs to know; JSON's null for nothing
 * @param priority a higher number is done earlier, first come first served within one number; {@value #MIN_PRIORITY} to
 *     {@value #MAX_PRIORITY}. BullMQ and p-queue differ: in BullMQ a lower number goes first
 * @param attempts how often it was tried before, 0 when it is new, at most {@value #MAX_ATTEMPTS}; queues count from
 *     there
 */
public record WorkItem(String type, String id, JsonNode payload, int priority, int attempts) {

    /** Longest type, in bytes of UTF-8. */
    public static final int MAX_TYPE_BYTES = 128;

    /** Longest id, in bytes of UTF-8. */
    public static final int MAX_ID_BYTES = 512;

    /**
     * Lowest priority: with the highest one, 21 bits, which leave 32 bits of a double's 53 to the order within a
     * priority.
     */
    public static final int MIN_PRIORITY = -1_000_000;

    /** Highest priority. */
    public static final int MAX_PRIORITY = 1_000_000;

    /** Highest number of attempts. */
    public static final int MAX_ATTEMPTS = 1_000_000;

    /**
     * Checks what can be checked.
     *
     * @throws IllegalArgumentException when type or id is empty, too long or not valid Unicode, priority or attempts is
     *     out of its range
     */
    public WorkItem {
        requireText("type", type, MAX_TYPE_BYTES);
        requireText("id", id, MAX_ID_BYTES);
        Objects.requireNonNull(payload, "payload");
        if (priority < MIN_PRIORITY || priority > MAX_PRIORITY) {
            throw new IllegalArgumentException(
                    "A priority lies between " + MIN_PRIORITY + " and " + MAX_PRIORITY + ", not at " + priority + ".");
        }
        if (attempts < 0 || attempts > MAX_ATTEMPTS) {
            throw new IllegalArgumentException(
                    "The attempts of a work item are 0 to " + MAX_ATTEMPTS + ", not " + attempts + ".");
        }
    }

    /** A new item of priority 0. */
    public static WorkItem of(String type, String id, JsonNode payload) {
        return new WorkItem(type, id, payload, 0, 0);
    }

    /** A new item of priority 0 whose id says all. */
    public static WorkItem of(String type, String id) {
        return of(type, id, NullNode.getInstance());
    }

    /** This item with another priority. */
    public WorkItem withPriority(int value) {
        return new WorkItem(type, id, payload, value, attempts);
    }

    /** This item as tried {@code value} times; for implementations of {@link WorkQueue}. */
    public WorkItem withAttempts(int value) {
        return new WorkItem(type, id, payload, priority, value);
    }

    /** As the JavaScript project writes it: an object with type, id, payload, priority and attempts. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("type", type).put("id", id).set("payload", payload);
        return json.put("priority", priority).put("attempts", attempts);
    }

    /**
     * Reads what {@link #toJson()} writes; payload, priority and attempts may be missing or null, other members are
     * passed over.
     *
     * @throws IllegalArgumentException naming the member that is missing or wrong
     */
    public static WorkItem of(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("A work item is a JSON object with a type and an id.");
        }
        JsonNode payload = json.path("payload");
        return new WorkItem(
                text(json, "type"),
                text(json, "id"),
                payload.isMissingNode() ? NullNode.getInstance() : payload,
                number(json, "priority"),
                number(json, "attempts"));
    }

    private static String text(JsonNode json, String member) {
        JsonNode value = json.path(member);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("The " + member + " of a work item is a string.");
        }
        return value.textValue();
    }

    private static int number(JsonNode json, String member) {
        JsonNode value = json.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return 0;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new IllegalArgumentException("The " + member + " of a work item is a whole number.");
        }
        return value.intValue();
    }

    private static void requireText(String what, String text, int maxBytes) {
        if (text.isEmpty() || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("The " + what + " of a work item is empty or not valid Unicode.");
        }
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > maxBytes) {
            throw new IllegalArgumentException(
                    "The " + what + " of a work item has at most " + maxBytes + " bytes, not " + bytes + ".");
        }
    }
}
