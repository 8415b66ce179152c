package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Which look at a job is the latest, {@code v1:coordinator:{job}}: an id alone keeps no look from being done twice,
 * since an id that was done may be added again. From it a look is added again that the queue has lost. Another record,
 * {@code v1:follow:{job}}, says whether the job is to follow the feed: a {@code partition-set} may change that while a
 * look is in progress.
 *
 * <p>One instance belongs to one look.
 */
final class CoordinationRecords {
    private static final String PREFIX = "v1:coordinator:";
    private static final String FOLLOW = "v1:follow:";

    private final Cache cache;

    /** Tells two workers apart that do the same look, because the lease of the first ran out. */
    private final String look = UUID.randomUUID().toString();

    CoordinationRecords(Cache cache) {
        this.cache = cache;
    }

    /** Another worker began the same look, or a later one. */
    static final class SupersededException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SupersededException(String message) {
            super(message);
        }
    }

    /**
     * The latest look.
     *
     * @param queue which queue coordinates the job
     * @param ended whether the job needs no further look
     * @param begun whether it was begun and its end is not recorded: it is in progress, or was lost
     * @param nextAt when the next look was due
     * @param known as it was
     */
    record Latest(String queue, boolean ended, boolean begun, Instant nextAt, Coordination known) {
        /**
         * The look that is in progress or due, for a queue that may have lost it, with the items of the phase. Added
         * while it is in the queue, it changes nothing.
         */
        Coordination lostLook() {
            return known.nextForLostItems(begun);
        }
    }

    Optional<Latest> latest(String job) {
        return cache.get(PREFIX + job, JsonNode.class)
                .map(json -> new Latest(
                        json.path("queue").asText(),
                        json.path("ended").asBoolean(),
                        json.path("begun").asBoolean(),
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
            write(known, queue, State.BEGUN, Duration.ZERO);
        }
        return !isLater;
    }

    /**
     * Checks that no other worker began this look or a later one: one that was stopped for longer than its lease must
     * not write what it knew before.
     *
     * @throws SupersededException when another worker did
     */
    void requireLatest(Coordination known) {
        String latest = cache.get(PREFIX + known.job.id(), JsonNode.class)
                .map(json -> json.path("look").asText())
                .orElse(look); // a store that has lost it: the claim is checked as well
        if (!latest.equals(look)) {
            throw new SupersededException("Another worker coordinates " + known.set + " by now.");
        }
    }

    /** Records whether a job is to follow the feed from its next look on. */
    void follow(String job, boolean follow) {
        cache.set(FOLLOW + job, Json.MAPPER.createObjectNode().put("follow", follow));
    }

    /** What {@link #follow} recorded last, else {@code otherwise}. */
    boolean follows(String job, boolean otherwise) {
        return cache.get(FOLLOW + job, JsonNode.class)
                .map(json -> json.path("follow").asBoolean())
                .orElse(otherwise);
    }

    /** Records what is known at the end of a look, and after how long the next one is due. */
    void looked(Coordination known, String queue, Duration wait) {
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
