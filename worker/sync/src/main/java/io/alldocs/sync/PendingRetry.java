package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * A change whose packument is not available yet.
 *
 * @param rev the revision in the feed
 * @param deleted whether the change deleted the name
 * @param tries number of requests for which the registry returned an older revision
 * @param due when to request it again
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
