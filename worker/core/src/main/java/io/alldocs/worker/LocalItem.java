package io.alldocs.worker;

import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An item as the local queue holds it: the payload in bytes, which take a fraction of the heap of a tree. But for its
 * lease, which only the queue's lock guards, it never changes: another attempt is another object with the same number.
 */
final class LocalItem {
    /** Higher priority first, then who came first. */
    static final Comparator<LocalItem> TURN = (a, b) -> a.priority != b.priority
            ? Integer.compare(b.priority, a.priority)
            : a.atMillis != b.atMillis ? Long.compare(a.atMillis, b.atMillis) : Long.compare(a.number, b.number);

    /** Who came first, whatever the priority. */
    static final Comparator<LocalItem> AGE = (a, b) ->
            a.atMillis != b.atMillis ? Long.compare(a.atMillis, b.atMillis) : Long.compare(a.number, b.number);

    /** Whose lease runs out first. */
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

    /** When it came, may be handed out, or was given up. */
    final long atMillis;

    /** Why it was given up; null while it is not. */
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

    /** @throws IllegalArgumentException when the payload is larger than queues take */
    static LocalItem of(WorkItem item, long number, long atMillis) {
        byte[] payload = Json.bytes(item.payload());
        if (payload.length > WorkQueue.MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("The payload of the work item " + item.id() + " has " + payload.length
                    + " bytes of JSON; a queue takes " + WorkQueue.MAX_PAYLOAD_BYTES + ". Nothing was added.");
        }
        return new LocalItem(
                number, item.type(), item.id(), payload, item.priority(), item.attempts(), 0, atMillis, null);
    }

    /** To wait, as new, from {@code millis} on. */
    LocalItem renewed(long millis) {
        return new LocalItem(number, type, id, payload, priority, 0, 0, millis, null);
    }

    /** To be tried again at {@code millis}, one attempt more being spent. */
    LocalItem failed(long millis) {
        return new LocalItem(number, type, id, payload, priority, attempts + 1, lostLeases, millis, null);
    }

    /** Waiting where it was before its worker died. */
    LocalItem lost() {
        return new LocalItem(number, type, id, payload, priority, attempts, lostLeases + 1, atMillis, null);
    }

    /** Given up after {@code spent} attempts. */
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
        return new WorkItem(type, id, Json.read(payload), priority, counted);
    }
}
