package io.alldocs.worker.redis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.alldocs.cache.JsonTree;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.WorkQueue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * The format of items in Redis: {@code failures lost priority typeBytes type payload}, and of dead letters:
 * {@code millisecond reasonBytes reason item}. The id is the name of the hash field.
 */
final class StoredItem {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final byte[] bytes;
    private int at;
    private int lost;

    private StoredItem(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Serializes a new item, with its failure count and no lost leases.
     *
     * @throws IllegalArgumentException if the payload exceeds the limit of queues
     */
    static byte[] write(WorkItem item) {
        byte[] type = item.type().getBytes(StandardCharsets.UTF_8);
        byte[] head = ascii(item.attempts() + " 0 " + item.priority() + " " + type.length + " ");
        byte[] payload = json(item);
        if (payload.length > WorkQueue.MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("The payload of the work item " + item.id() + " has " + payload.length
                    + " bytes of JSON, but the limit is " + WorkQueue.MAX_PAYLOAD_BYTES + " bytes. Nothing was added.");
        }
        byte[] stored = new byte[head.length + type.length + 1 + payload.length];
        System.arraycopy(head, 0, stored, 0, head.length);
        System.arraycopy(type, 0, stored, head.length, type.length);
        stored[head.length + type.length] = ' ';
        System.arraycopy(payload, 0, stored, head.length + type.length + 1, payload.length);
        return stored;
    }

    private static byte[] json(WorkItem item) {
        try {
            return JSON.writeValueAsBytes(item.payload());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "The payload of the work item " + item.id() + " cannot be written as JSON", e);
        }
    }

    static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Returns the lease of a reserved item; its attempts include the one that begins.
     *
     * @throws IOException if the bytes are not a valid item
     */
    static Lease readHandedOut(String id, byte[] bytes, String token) throws IOException {
        StoredItem stored = new StoredItem(bytes);
        WorkItem item = stored.item(id, 1);
        return new Lease(item, token, stored.lost);
    }

    /** @throws IOException if the bytes are not a valid dead letter */
    static DeadLetter readDeadLetter(String id, byte[] bytes) throws IOException {
        StoredItem stored = new StoredItem(bytes);
        Instant diedAt = Instant.ofEpochMilli(stored.number());
        String reason = stored.text((int) stored.number());
        return new DeadLetter(stored.item(id, 0), reason, diedAt);
    }

    private WorkItem item(String id, int begun) throws IOException {
        long failures = number();
        lost = (int) number();
        int priority = (int) number();
        String type = text((int) number());
        at++;
        JsonNode payload = JSON.readTree(bytes, at, bytes.length - at);
        return new WorkItem(type, id, JsonTree.of(payload), priority, (int) failures + begun);
    }

    /** Reads digits and the space after them. */
    private long number() throws IOException {
        int start = at;
        while (at < bytes.length && bytes[at] != ' ') {
            at++;
        }
        try {
            return Long.parseLong(new String(bytes, start, at++ - start, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            throw new IOException("not a number at byte " + start, e);
        }
    }

    private String text(int length) throws IOException {
        if (length < 0 || length > bytes.length - at) {
            throw new IOException("no text of " + length + " bytes at byte " + at);
        }
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }
}
