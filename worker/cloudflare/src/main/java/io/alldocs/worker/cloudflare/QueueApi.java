package io.alldocs.worker.cloudflare;

import static io.alldocs.worker.cloudflare.QueueRequests.bytes;
import static io.alldocs.worker.cloudflare.QueueRequests.object;
import static io.alldocs.worker.cloudflare.QueueRequests.text;
import static io.alldocs.worker.cloudflare.QueueRequests.utf8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * Requests of one queue to {@code queue.js}. All requests are idempotent: a request that changes the queue has a unique
 * name, by which the script detects duplicates. Leases are identified by the name of the request that reserved them.
 * Every method throws {@link io.alldocs.http.RequestException} as the client does, and
 * {@link QueueRequests.NoQueueException} if the response does not come from the script.
 */
final class QueueApi {
    /** Maximum items in one request; {@code MAX_ITEMS} of the script. */
    static final int MAX_ITEMS = 1_000;

    /** Below the time after which the client considers a connection lost; {@code LONGEST_WAIT_MS} of the script. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

    /** Half of the script's limit; the rest leaves room for names and JSON syntax. */
    private static final int MAX_BODY_BYTES = 8 << 20;

    private static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(2);

    private final QueueRequests requests;

    QueueApi(QueueRequests requests) {
        this.requests = requests;
    }

    /** @param more whether another request may return more items at once */
    record Exchanged(List<Lease> passedOver, List<Lease> leases, boolean more) {}

    /** @param until end by the script's clock, used to request later pauses only */
    record Pause(Duration left, long until) {}

    /** Returns a unique request name. */
    static String newRequest() {
        return UUID.randomUUID().toString();
    }

    // ---- adding

    /**
     * Serializes an item for the script.
     *
     * @throws IllegalArgumentException if its payload is larger than {@link WorkQueue#MAX_PAYLOAD_BYTES}
     */
    static byte[] toJson(WorkItem item) {
        String payload = text(item.payload().as(JsonNode.class));
        int bytes = utf8(payload).length;
        if (bytes > WorkQueue.MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("The payload of the work item " + item.id() + " has " + bytes
                    + " bytes, but the limit is " + WorkQueue.MAX_PAYLOAD_BYTES + " bytes.");
        }
        return bytes(object().put("type", item.type())
                .put("id", item.id())
                .put("payloadJson", payload)
                .put("priority", item.priority())
                .put("attempts", item.attempts()));
    }

    /** Adds items; returns how many were added. */
    int enqueue(List<byte[]> items, Duration delay) {
        int added = 0;
        int from = 0;
        while (from < items.size()) {
            int to = from;
            int size = 0;
            while (to < items.size()
                    && to - from < MAX_ITEMS
                    && (to == from || size + items.get(to).length < MAX_BODY_BYTES)) {
                size += items.get(to++).length + 1;
            }
            String query = "&delay=" + delay.toMillis() + "&request=" + newRequest();
            added += requests.post("/enqueue", query, array(items.subList(from, to), size + 1))
                    .path("added")
                    .asInt();
            from = to;
        }
        return added;
    }

    // ---- taking and settling

    /**
     * Settles, then reserves.
     *
     * @param settlements at most {@link #MAX_ITEMS}
     * @param max at most {@link #MAX_ITEMS}
     * @param wait at most {@link #LONGEST_WAIT}, zero if something is settled
     */
    Exchanged exchange(String request, List<? extends Settlement> settlements, int max, Duration wait) {
        ObjectNode body = object().put("request", request).put("max", max).put("wait", wait.toMillis());
        ArrayNode all = body.putArray("settlements");
        settlements.forEach(settlement -> all.add(toJson(settlement)));
        JsonNode answer = requests.post("/exchange", body);
        List<Lease> leases = new ArrayList<>();
        answer.path("leases")
                .forEach(lease -> leases.add(new Lease(
                        item(lease),
                        request + "." + leases.size(),
                        lease.path("lost").asInt())));
        List<Lease> settled = settlements.stream().map(Settlement::lease).toList();
        return new Exchanged(
                at(answer.path("passedOver"), settled),
                leases,
                answer.path("more").asBoolean());
    }

    private static ObjectNode toJson(Settlement settlement) {
        ObjectNode json = toJson(settlement.lease());
        if (settlement instanceof Settlement.Done) {
            return json.put("became", "done");
        }
        if (settlement instanceof Settlement.Failed failed) {
            Duration after = failed.after();
            return json.put("became", "failed")
                    .put("reason", shortened(failed.reason()))
                    .put("retryable", failed.retryable())
                    .put("after", after == null ? 0 : after.toMillis());
        }
        if (settlement instanceof Settlement.Lost lost) {
            // A deployed script of an earlier version, which does not support lost leases, treats this lease as
            // returned.
            json.put("lost", true).put("reason", shortened(lost.reason()));
        }
        return json.put("became", "handed-back");
    }

    /** Shortens a reason. The script would truncate it anyway, and a long reason could make the request too large. */
    private static String shortened(String reason) {
        return reason.substring(0, Math.min(reason.length(), WorkQueue.MAX_REASON_CHARS));
    }

    /**
     * Serializes a lease. The script's token is the request name alone, which is enough to distinguish the leases of an
     * item.
     */
    private static ObjectNode toJson(Lease lease) {
        String token = lease.token();
        int end = token.lastIndexOf('.');
        return object().put("id", lease.item().id()).put("token", end < 0 ? token : token.substring(0, end));
    }

    /** Undoes {@link #exchange} of a request whose response was not awaited. Makes a single, short attempt. */
    void cancel(String request) {
        requests.postOnce("/cancel", object().put("request", request), CANCEL_TIMEOUT);
    }

    /** Renews leases; returns those that are lost. */
    List<Lease> renew(List<Lease> leases) {
        ObjectNode body = object();
        ArrayNode all = body.putArray("leases");
        leases.forEach(lease -> all.add(toJson(lease)));
        return at(requests.post("/renew", body).path("lost"), leases);
    }

    // ---- pauses

    void pause(Duration length) {
        requests.post("/pause", object().put("length", length.toMillis()));
    }

    /**
     * Waits for the pause that ends later than {@code seen}. The remaining time is zero if there is none within
     * {@code wait}.
     */
    Pause nextPause(long seen, Duration wait) {
        JsonNode answer = requests.get("/pause", "&seen=" + seen + "&wait=" + wait.toMillis());
        return new Pause(
                Duration.ofMillis(answer.path("left").asLong()),
                answer.path("until").asLong());
    }

    // ---- what there is

    QueueSizes sizes() {
        JsonNode answer = requests.get("/sizes", "");
        return new QueueSizes(
                answer.path("waiting").asLong(),
                answer.path("delayed").asLong(),
                answer.path("running").asLong(),
                answer.path("dead").asLong());
    }

    /** Waits until no work is left; returns whether that is so. */
    boolean isIdle(Duration wait) {
        return requests.get("/idle", "&wait=" + wait.toMillis()).path("idle").asBoolean();
    }

    /** @param place position of the last one, as the query of the next page */
    record DeadPage(List<DeadLetter> letters, String place) {}

    /**
     * Returns a page of dead letters, oldest first; empty at the end.
     *
     * @param place position after which the page begins; empty for the first page
     */
    DeadPage dead(String place) {
        List<DeadLetter> letters = new ArrayList<>();
        String last = place;
        for (JsonNode dead : requests.get("/dead", place).path("dead")) {
            long at = dead.path("at").asLong();
            letters.add(new DeadLetter(item(dead), dead.path("reason").asText(), Instant.ofEpochMilli(at)));
            last = "&at=" + at + "&seq=" + dead.path("seq").asLong();
        }
        return new DeadPage(letters, last);
    }

    int retryDead(List<String> ids) {
        return changed("/dead/retry", ids);
    }

    int discardDead(List<String> ids) {
        return changed("/dead/discard", ids);
    }

    private int changed(String path, List<String> ids) {
        ObjectNode body = object().put("request", newRequest());
        ids.forEach(body.putArray("ids")::add);
        return requests.post(path, body).path("changed").asInt();
    }

    // ---- JSON

    private static WorkItem item(JsonNode json) {
        return new WorkItem(
                json.path("type").asText(),
                json.path("id").asText(),
                JsonTree.of(parsed(json.path("payloadJson").asText())),
                json.path("priority").asInt(),
                json.path("attempts").asInt());
    }

    private static List<Lease> at(JsonNode indexes, List<Lease> leases) {
        List<Lease> some = new ArrayList<>();
        indexes.forEach(index -> some.add(leases.get(index.asInt())));
        return some;
    }

    private static JsonNode parsed(String json) {
        try {
            return QueueRequests.JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new QueueRequests.NoQueueException("a payload that it returned is not JSON");
        }
    }

    private static byte[] array(Collection<byte[]> elements, int size) {
        byte[] array = new byte[size];
        int end = 0;
        for (byte[] element : elements) {
            array[end++] = (byte) (end == 1 ? '[' : ',');
            System.arraycopy(element, 0, array, end, element.length);
            end += element.length;
        }
        array[end] = ']';
        return array;
    }
}
