package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * A change whose packument has not shown up yet.
 *
 * @param rev the revision that the feed gave
 * @param deleted whether it deleted the name
 * @param tries how often the registry was asked and had not caught up
 * @param due when to ask again
 */
record PendingRetry(String rev, boolean deleted, int tries, Instant due) {
    PendingRetry(String rev, boolean deleted) {
        this(rev, deleted, 0, Instant.EPOCH);
    }

    PendingRetry triedAgain(Instant next) {
        return new PendingRetry(rev, deleted, tries + 1, next);
    }

    PendingRetry postponed(Instant next) {
        return new PendingRetry(rev, deleted, tries, next);
    }

    static PendingRetry of(JsonNode json) {
        return new PendingRetry(
                json.path("rev").asText(),
                json.path("deleted").asBoolean(),
                json.path("tries").asInt(),
                json.path("due").isTextual() ? Instant.parse(json.path("due").asText()) : Instant.EPOCH);
    }

    ObjectNode toJson() {
        return RecordStore.object()
                .put("rev", rev)
                .put("deleted", deleted)
                .put("tries", tries)
                .put("due", due.toString());
    }
}
