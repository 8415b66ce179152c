package io.alldocs.worker.internal.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.worker.internal.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Records which pass over a job is the latest, in {@code v1:coordinator:{job}}. An id alone does not prevent a pass
 * from running twice, because a finished id may be enqueued again. A pass that the queue has lost is enqueued again
 * from this record. Another record, {@code v1:follow:{job}}, stores whether the job should follow the feed: a
 * {@code partition-set} may change that during a pass.
 *
 * <p>Each instance belongs to one pass.
 */
public final class CoordinationRecords {
    private static final String PREFIX = "v1:coordinator:";
    private static final String FOLLOW = "v1:follow:";

    private final Cache cache;

    /** Distinguishes two workers that run the same pass because the lease of the first expired. */
    private final String look = UUID.randomUUID().toString();

    public CoordinationRecords(Cache cache) {
        this.cache = cache;
    }

    /** Thrown when another worker began the same pass or a later one. */
    public static final class SupersededException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SupersededException(String message) {
            super(message);
        }
    }

    /**
     * The latest pass.
     *
     * @param queue the queue that coordinates the job
     * @param ended whether the job needs no further pass
     * @param begun whether the pass began and its end is not recorded: it is in progress or was lost
     * @param nextAt when the next pass was due
     * @param known the state of the coordinator at the end of the previous pass
     */
    public record Latest(String queue, boolean ended, boolean begun, Instant nextAt, Coordination known) {
        /**
         * Returns the pass that is in progress or due, including the items of the phase, for a queue that may have lost
         * it. Enqueuing it has no effect if it is still in the queue.
         */
        Coordination lostLook() {
            return known.nextForLostItems(begun);
        }
    }

    public Optional<Latest> latest(String job) {
        return cache.get(PREFIX + job, JsonNode.class)
                .map(json -> new Latest(
                        json.path("queue").asText(),
                        json.path("ended").asBoolean(),
                        json.path("begun").asBoolean(),
                        Instant.ofEpochMilli(json.path("nextAt").asLong()),
                        Coordination.of(json.path("known"))));
    }

    /** Returns whether {@code known} is the latest pass or a later one, and if so records it as the latest. */
    public boolean begin(Coordination known, String queue) {
        Optional<Latest> latest = latest(known.job.id());
        boolean isLater = latest.isPresent()
                && (latest.get().known().claim > known.claim
                        || (latest.get().known().claim == known.claim
                                && (latest.get().known().tick > known.tick
                                        || (latest.get().known().tick == known.tick
                                                && latest.get().ended()))));
        if (!isLater) {
            write(known, queue, State.BEGUN, Duration.ZERO);
        }
        return !isLater;
    }

    /**
     * Checks that no other worker began this pass or a later one. A worker that was stopped for longer than its lease
     * must not write outdated state.
     *
     * @throws SupersededException if another worker did
     */
    public void requireLatest(Coordination known) {
        String latest = cache.get(PREFIX + known.job.id(), JsonNode.class)
                .map(json -> json.path("look").asText())
                .orElse(look); // the store has lost it; the claim is checked as well
        if (!latest.equals(look)) {
            throw new SupersededException("Another worker has taken over the coordination of " + known.set + ".");
        }
    }

    /** Records whether a job should follow the feed from its next pass on. */
    void follow(String job, boolean follow) {
        cache.set(FOLLOW + job, Json.MAPPER.createObjectNode().put("follow", follow));
    }

    /** Returns what {@link #follow} recorded last, or {@code otherwise} if nothing is recorded. */
    boolean follows(String job, boolean otherwise) {
        return cache.get(FOLLOW + job, JsonNode.class)
                .map(json -> json.path("follow").asBoolean())
                .orElse(otherwise);
    }

    /** Records the state of the coordinator at the end of a pass, and the delay until the next pass. */
    public void looked(Coordination known, String queue, Duration wait) {
        write(known, queue, State.LOOKED, wait);
    }

    void ended(Coordination known, String queue) {
        write(known, queue, State.ENDED, Duration.ZERO);
    }

    private enum State {
        BEGUN,
        LOOKED,
        ENDED
    }

    private void write(Coordination known, String queue, State state, Duration wait) {
        ObjectNode json = Json.MAPPER.createObjectNode().put("queue", queue).put("look", look);
        json.put("ended", state == State.ENDED).put("begun", state == State.BEGUN);
        json.put("nextAt", cache.clock().millis() + wait.toMillis());
        json.set("known", known.toJson());
        cache.set(PREFIX + known.job.id(), json);
    }
}
