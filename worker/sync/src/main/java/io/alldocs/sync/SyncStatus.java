package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.partition.Sequence;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The status of a job in this process at one moment. Immutable.
 *
 * @param state the activity of the job
 * @param problem the failure for which the job waits, or null
 * @param position sequence up to which the feed was followed, null before the first one
 * @param origin the last sequence seen at the origin, null before it was seen
 * @param lagSequences sequences between the two; empty while unknown, or when they are not numbers
 * @param lagRows changes that are not stored yet, an estimate for those that were not read; empty while unknown
 * @param behind how long ago the origin was first seen at a position that is not reached yet
 * @param contact when the origin answered last, null before it did
 * @param retries names whose change is still to be fetched
 * @param stalePartitions partitions that changed since their pages were stored
 * @param outages how often the origin, the registry or the store became unavailable
 * @param counts the work since the process started
 * @param wire the network traffic
 * @param phase the current phase, {@link SyncPhase#PLAN} if a running job has not started another; null if the job is
 *     not running or waits
 * @param done names or changes of that phase that are done
 * @param total how many there will be; empty while unknown
 */
public record SyncStatus(
        State state,
        @Nullable String problem,
        @Nullable Sequence position,
        @Nullable Sequence origin,
        OptionalLong lagSequences,
        OptionalLong lagRows,
        Duration behind,
        @Nullable Instant contact,
        long retries,
        long stalePartitions,
        long outages,
        WorkCounts counts,
        WireCounts wire,
        @Nullable SyncPhase phase,
        long done,
        OptionalLong total) {

    /** Returns the status of a job that has just started a phase. */
    public SyncStatus {
        phase = phase == null && state == State.STARTING ? SyncPhase.PLAN : phase;
    }

    /** Returns the status of a job that does not currently follow its feed. */
    static SyncStatus of(@Nullable String problem, boolean isAtWork, Tally tally, WireCounts wire, Activity activity) {
        State waiting = problem == null ? State.STOPPED : State.WAITING;
        return new SyncStatus(
                isAtWork ? State.STARTING : waiting,
                problem,
                null,
                null,
                OptionalLong.empty(),
                OptionalLong.empty(),
                Duration.ZERO,
                null,
                0,
                0,
                0,
                tally.counts(),
                wire,
                activity.phase(),
                activity.done(),
                activity.total());
    }

    /** The activity of a job. */
    public enum State {
        /** Finishes the bootstrap. */
        STARTING,
        /** Follows the feed, or waits for the next poll. */
        FOLLOWING,
        /** Compares everything by revision after the feed began a new epoch. */
        RECONCILING,
        /** The origin, the registry or the store is unavailable; the job retries. */
        WAITING,
        /** The job is not running: it was not started, or has ended. */
        STOPPED;

        /** Returns the state in lower case, as in JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Returns the status as JSON; sizes are in bytes, times in ISO 8601, and unknown numbers are null. */
    public JsonTree toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("state", state.label()).put("problem", problem);
        json.set("sequence", position == null ? null : position.toJson().as(JsonNode.class));
        json.set("originSequence", origin == null ? null : origin.toJson().as(JsonNode.class));
        json.put("lagSequences", lagSequences.isPresent() ? lagSequences.getAsLong() : null);
        json.put("lagRows", lagRows.isPresent() ? lagRows.getAsLong() : null);
        json.put("lagSeconds", behind.toMillis() / 1000.0);
        json.put("contact", contact == null ? null : contact.toString());
        json.put("owed", retries);
        json.put("stalePartitions", stalePartitions);
        json.put("givenUp", counts.givenUp());
        json.put("outages", outages).put("resets", counts.resets());
        json.put("changes", counts.changes()).put("concerning", counts.concerning());
        json.put("deletions", counts.deletions()).put("deleted", counts.deleted());
        json.put("fetched", counts.fetched()).put("unchanged", counts.unchanged());
        json.put("failures", counts.failures());
        json.put("requests", wire.requests()).put("bytesReceived", wire.bytesReceived());
        json.put("phase", phase == null ? null : phase.label());
        json.put("done", done).put("total", total.isPresent() ? total.getAsLong() : null);
        return JsonTree.of(json);
    }
}
