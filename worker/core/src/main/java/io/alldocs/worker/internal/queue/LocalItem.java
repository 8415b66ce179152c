package io.alldocs.worker.internal.queue;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.internal.Json;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An item in the local queue. The payload is stored as bytes, which take a fraction of a tree's heap. Immutable except
 * for its lease, which is guarded by the queue's lock: each attempt is a new object with the same number.
 */
final class LocalItem {
    /** Orders by priority, highest first, then by arrival. */
    static final Comparator<LocalItem> TURN = (a, b) -> a.priority != b.priority
            ? Integer.compare(b.priority, a.priority)
            : a.atMillis != b.atMillis ? Long.compare(a.atMillis, b.atMillis) : Long.compare(a.number, b.number);

    /** Orders by arrival, regardless of priority. */
    static final Comparator<LocalItem> AGE = (a, b) ->
            a.atMillis != b.atMillis ? Long.compare(a.atMillis, b.atMillis) : Long.compare(a.number, b.number);

    /** Orders by the end of the lease. */
    static final Comparator<LocalItem> LEASE_END = (a, b) -> a.leaseEndMillis != b.leaseEndMillis
            ? Long.compare(a.leaseEndMillis, b.leaseEndMillis)
            : Long.compare(a.number, b.number);

    final long number;
    final String type;
    final String id;
    final byte[] payload;
    final int priority;
    final int attempts;
    final int lostLeases;

    /** When the item arrived, may be leased, or became a dead letter. */
    final long atMillis;

    /** Why the item became a dead letter; null if it is not one. */
    final @Nullable String reason;

    @Nullable
    String token;

    long leaseEndMillis;

    LocalItem(
            long number,
            String type,
            String id,
            byte[] payload,
            int priority,
            int attempts,
            int lostLeases,
            long atMillis,
            @Nullable String reason) {
        this.number = number;
        this.type = type.intern();
        this.id = id;
        this.payload = payload;
        this.priority = priority;
        this.attempts = attempts;
        this.lostLeases = lostLeases;
        this.atMillis = atMillis;
        this.reason = reason;
    }

    /** @throws IllegalArgumentException if the payload is larger than queues accept */
    static LocalItem of(WorkItem item, long number, long atMillis) {
        byte[] payload = Json.bytes(item.payload().as(JsonNode.class));
        if (payload.length > WorkQueue.MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("The payload of the work item " + item.id() + " has " + payload.length
                    + " bytes of JSON, but the limit is " + WorkQueue.MAX_PAYLOAD_BYTES + " bytes. Nothing was added.");
        }
        return new LocalItem(
                number, item.type(), item.id(), payload, item.priority(), item.attempts(), 0, atMillis, null);
    }

    /** Returns the item as new, waiting from {@code millis} on. */
    LocalItem renewed(long millis) {
        return new LocalItem(number, type, id, payload, priority, 0, 0, millis, null);
    }

    /** Returns the item with one more attempt counted, to be retried at {@code millis}. */
    LocalItem failed(long millis) {
        return new LocalItem(number, type, id, payload, priority, attempts + 1, lostLeases, millis, null);
    }

    /** Returns the item of a worker that crashed: it waits at its former position. */
    LocalItem lost() {
        return new LocalItem(number, type, id, payload, priority, attempts, lostLeases + 1, atMillis, null);
    }

    /** Returns the item as a dead letter after {@code spent} attempts. */
    LocalItem dead(int spent, String why, long millis) {
        String kept = why.length() <= WorkQueue.MAX_REASON_CHARS ? why : why.substring(0, WorkQueue.MAX_REASON_CHARS);
        return new LocalItem(number, type, id, payload, priority, spent, lostLeases, millis, kept);
    }

    boolean isDead() {
        return reason != null;
    }

    Lease lease(String newToken, long endMillis) {
        token = newToken;
        leaseEndMillis = endMillis;
        return new Lease(toWorkItem(attempts + 1), newToken, lostLeases);
    }

    DeadLetter toDeadLetter() {
        return new DeadLetter(toWorkItem(attempts), Objects.requireNonNull(reason), Instant.ofEpochMilli(atMillis));
    }

    private WorkItem toWorkItem(int counted) {
        return new WorkItem(type, id, JsonTree.of(Json.read(payload)), priority, counted);
    }
}
