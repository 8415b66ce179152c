package io.alldocs.worker.internal.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.sync.SyncJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The state that the coordinator of a job passes from one pass to the next, in the payload of its item. It contains
 * only hints: the job's records are authoritative. Not thread-safe.
 */
public final class Coordination {
    private static final int MAX_DEAD = 1_000;

    /** The phases of a job on a queue, in order. */
    public enum Phase {
        /** Partitions are listed and packuments fetched. */
        FETCH,
        /** The change feed is replayed to its end. */
        REPLAY,
        /** Partitions that changed meanwhile are listed again, and their new names are fetched. */
        REFRESH,
        /** The change feed is replayed to its end again. */
        REPLAY_AGAIN,
        /** Names that lag behind the feed are fetched again. */
        SETTLE,
        /** The change feed is followed indefinitely. */
        FOLLOW
    }

    final String set;
    public final SyncJob job;
    final long claim;
    public boolean follow;
    final int priority;
    public long tick;

    /** Approximate number of names in a partition of a new plan; 0 for the job's default. */
    int targetRows;

    /** Number of names in an item that fetches packuments. */
    public int batch = JobItems.DEFAULT_BATCH;

    /** Boundaries of the partitions of a new plan; empty for partitions of about equal size. */
    List<String> pivots = new ArrayList<>();

    public Phase phase = Phase.FETCH;

    /** Whether the items of the phase were enqueued. */
    boolean entered;

    /** Number of unfinished items of the phase at the last pass. */
    int outstanding = -1;

    long unchangedSinceMillis;

    /** The feed window whose chunks were enqueued. */
    String window = "";

    /** Time since the end of the feed was last reached, in which no request was sent. */
    Duration quiet = Duration.ZERO;

    public long refreshedAtMillis;
    int settleRounds;
    int failures;

    /** How many times in a row the pass was lost, because the queue lost it or its worker crashed. */
    int lost;

    boolean resetSuspected;
    Duration delay = Duration.ZERO;
    public String problem = "";

    /** Dead letters of the job by id, with their reasons. */
    public final Map<String, String> dead = new LinkedHashMap<>();

    public Coordination(String set, SyncJob job, long claim, int priority) {
        this.set = set;
        this.job = job;
        this.claim = claim;
        this.priority = priority;
    }

    void enter(Phase next) {
        phase = next;
        entered = false;
        outstanding = -1;
    }

    /**
     * Returns the next pass for a queue that may have lost items. It enqueues the items of the phase again, which has
     * no effect on those still in the queue.
     *
     * @param begun whether this pass began but did not end; it is then repeated
     */
    Coordination nextForLostItems(boolean begun) {
        tick += begun ? 0 : 1;
        lost++;
        enter(phase);
        window = "";
        return this;
    }

    /** Removes dead letters that are no longer open because an operator retried them. */
    void keepDead(Set<String> open) {
        dead.keySet().retainAll(open);
    }

    void died(String id, String reason) {
        if (dead.size() < MAX_DEAD) {
            dead.put(id, reason);
        }
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("set", set).put("claim", claim).put("follow", follow).put("priority", priority);
        json.set("job", job.toJson().as(JsonNode.class));
        json.put("tick", tick)
                .put("phase", phase.name())
                .put("entered", entered)
                .put("outstanding", outstanding);
        json.put("unchangedSince", unchangedSinceMillis)
                .put("settleRounds", settleRounds)
                .put("failures", failures)
                .put("lost", lost);
        json.put("window", window).put("quiet", quiet.toMillis()).put("refreshedAt", refreshedAtMillis);
        json.put("resetSuspected", resetSuspected)
                .put("delay", delay.toMillis())
                .put("problem", problem);
        json.put("targetRows", targetRows).put("batch", batch);
        if (!pivots.isEmpty()) {
            pivots.forEach(json.putArray("pivots")::add);
        }
        ObjectNode letters = json.putObject("dead");
        dead.forEach(letters::put);
        return json;
    }

    /** Returns whether {@code json} names one of the phases. */
    static boolean hasPhase(JsonNode json) {
        return Stream.of(Phase.values())
                .anyMatch(phase -> phase.name().equals(json.path("phase").asText()));
    }

    /**
     * Parses the format of {@link #toJson}.
     *
     * @throws IllegalArgumentException if {@code json} has another format
     */
    public static Coordination of(JsonNode json) {
        Coordination known = new Coordination(
                json.path("set").asText(),
                SyncJob.of(JsonTree.of(json.path("job"))),
                json.path("claim").asLong(),
                json.path("priority").asInt());
        known.follow = json.path("follow").asBoolean();
        known.targetRows = json.path("targetRows").asInt();
        known.batch = json.path("batch").asInt(JobItems.DEFAULT_BATCH);
        json.path("pivots").forEach(pivot -> known.pivots.add(pivot.asText()));
        known.tick = json.path("tick").asLong();
        known.phase = Phase.valueOf(json.path("phase").asText());
        known.entered = json.path("entered").asBoolean();
        known.outstanding = json.path("outstanding").asInt(-1);
        known.unchangedSinceMillis = json.path("unchangedSince").asLong();
        known.window = json.path("window").asText();
        known.quiet = Duration.ofMillis(json.path("quiet").asLong());
        known.refreshedAtMillis = json.path("refreshedAt").asLong();
        known.settleRounds = json.path("settleRounds").asInt();
        known.failures = json.path("failures").asInt();
        known.lost = json.path("lost").asInt();
        known.resetSuspected = json.path("resetSuspected").asBoolean();
        known.delay = Duration.ofMillis(json.path("delay").asLong());
        known.problem = json.path("problem").asText();
        json.path("dead")
                .properties()
                .forEach(each -> known.dead.put(each.getKey(), each.getValue().asText()));
        return known;
    }
}
