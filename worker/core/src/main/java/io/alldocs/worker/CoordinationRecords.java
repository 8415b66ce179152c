package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Which look at a job is the latest, {@code v1:coordinator:{job}}: an id alone keeps no look from being done twice, since an id that was done may be added again. From
 * it a look is added again that the queue has lost.
 */
final class CoordinationRecords {
    private static final String PREFIX = "v1:coordinator:";

    private final Cache cache;

    CoordinationRecords(Cache cache) {
        this.cache = cache;
    }

    /**
     * The latest look.
     *
     * @param queue which queue coordinates the job
     * @param ended whether the job needs no further look
     * @param nextAt when the next look was due
     * @param known as it was
     */
    record Latest(String queue, boolean ended, Instant nextAt, Coordination known) {}

    Optional<Latest> latest(String job) {
        return cache.get(PREFIX + job, JsonNode.class)
                .map(json -> new Latest(
                        json.path("queue").asText(),
                        json.path("ended").asBoolean(),
                        Instant.ofEpochMilli(json.path("nextAt").asLong()),
                        Coordination.of(json.path("known"))));
    }

    /** Whether {@code known} is the latest look, or a later one; then it is the latest from now on. */
    boolean begin(Coordination known, String queue) {
        Optional<Latest> latest = latest(known.job.id());
        boolean isLater = latest.isPresent()
                && (latest.get().known().claim > known.claim
                        || (latest.get().known().claim == known.claim
                                && (latest.get().known().tick > known.tick
                                        || (latest.get().known().tick == known.tick
                                                && latest.get().ended()))));
        if (!isLater) {
            write(known, queue, false, Duration.ZERO);
        }
        return !isLater;
    }

    /** Records what is known at the end of a look, and after how long the next one is due. */
    void looked(Coordination known, String queue, Duration wait) {
        write(known, queue, false, wait);
    }

    void ended(Coordination known, String queue) {
        write(known, queue, true, Duration.ZERO);
    }

    private void write(Coordination known, String queue, boolean ended, Duration wait) {
        ObjectNode json = Json.MAPPER.createObjectNode().put("queue", queue).put("ended", ended);
        json.put("nextAt", cache.clock().millis() + wait.toMillis());
        json.set("known", known.toJson());
        cache.set(PREFIX + known.job.id(), json);
    }
}
