package io.alldocs.sync;

import io.alldocs.cache.JsonTree;
import io.alldocs.partition.CompletenessReport;
import io.alldocs.partition.Sequence;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of one run of a job: what is stored, what is missing, and the work of the run. Immutable.
 *
 * @param job the job
 * @param status how it ended
 * @param reason why it ended early, or null
 * @param cause the exception that is the reason, or null
 * @param offline whether no request was sent
 * @param resumed whether an earlier run had begun the job
 * @param names names that need an outcome: listed by the origin or in the file
 * @param outcomes names by outcome, in lower case; empty if the job lists only names
 * @param parts the state of each partition
 * @param failures the first thousand failed names with the reason
 * @param failed names that failed
 * @param foreign failed names whose response did not come from the registry
 * @param lagging names whose packument is older than the revision in the feed
 * @param work the work of this run
 * @param feed the progress in the feed of changes; null if no origin was queried
 * @param proof the evidence for completeness; null if the only evidence is that every name in a file has an outcome
 */
public record SyncResult(
        SyncJob job,
        Status status,
        @Nullable String reason,
        @Nullable RuntimeException cause,
        boolean offline,
        boolean resumed,
        long names,
        Map<String, Long> outcomes,
        List<Part> parts,
        Map<String, String> failures,
        long failed,
        Foreign foreign,
        long lagging,
        Work work,
        @Nullable Feed feed,
        @Nullable CompletenessReport proof) {

    /** Version of the JSON form; increased when a field changes its meaning or is removed. */
    public static final int SCHEMA_VERSION = 1;

    /** The outcome that prevents a job from being complete. */
    static final String MALFORMED = "malformed";

    /** How a run ended. */
    public enum Status {
        /** Everything that the job requests is stored. */
        COMPLETE,
        /** Something is missing. */
        PARTIAL,
        /** A signal or an interrupt ended it. */
        INTERRUPTED,
        /** The origin or the registry refused the requests, is not a registry, or is unreachable. */
        REFUSED
    }

    /**
     * One partition.
     *
     * @param range as {@code [start-end]}
     * @param walked whether all of its names are listed
     * @param names names in it
     * @param fetched whether each of them has an outcome
     * @param outcomes names by outcome, once every name has an outcome
     */
    public record Part(String range, boolean walked, long names, boolean fetched, Map<String, Long> outcomes) {}

    /**
     * What one run did.
     *
     * @param elapsed wall time
     * @param pages pages of names received
     * @param fetched packuments and other outcomes received
     * @param unchanged names that the registry reported as unchanged
     * @param hits names that were current in the cache
     * @param bytesStored stored bytes of what was received
     * @param wire the network traffic
     */
    public record Work(
            Duration elapsed, long pages, long fetched, long unchanged, long hits, long bytesStored, WireCounts wire) {

        /** No work was done. */
        static final Work NONE = new Work(Duration.ZERO, 0, 0, 0, 0, 0, WireCounts.NONE);

        /** Returns the requests sent per second of wall time. */
        public double requestsPerSecond() {
            return elapsed.toMillis() == 0 ? 0 : wire.requests() * 1000.0 / elapsed.toMillis();
        }
    }

    /**
     * The feed of changes.
     *
     * @param from its sequence before the names were listed
     * @param to sequence up to which the feed was followed
     * @param endSeenAt when the end of the feed was last reached, null when never
     * @param changes changes read in this run
     * @param concerning changes of names of the job
     * @param deletions changes of names of the job that deleted a name
     * @param resets how often the feed began a new epoch
     * @param stalePartitions partitions that changed since their pages were stored
     */
    public record Feed(
            @Nullable Sequence from,
            @Nullable Sequence to,
            @Nullable Instant endSeenAt,
            long changes,
            long concerning,
            long deletions,
            long resets,
            int stalePartitions) {}

    /**
     * Names whose response did not come from the registry but, for example, from a login page or a filter. They have no
     * outcome, and the next run requests them again.
     *
     * @param names how many
     * @param first the first of these names, null when there are none
     */
    public record Foreign(long names, @Nullable String first) {
        static final Foreign NONE = new Foreign(0, null);
    }

    /** Copies the collections. */
    public SyncResult {
        outcomes = Map.copyOf(outcomes);
        parts = List.copyOf(parts);
    }

    /** Returns how many names have an outcome. */
    public long withOutcome() {
        return outcomes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns how many names have a document that is not a packument; such a job is not complete. */
    public long malformed() {
        return outcomes.getOrDefault(MALFORMED, 0L);
    }

    /** Returns how many names have no outcome; 0 if the job lists only names. */
    public long missing() {
        return job.form() == SyncForm.NAMES ? 0 : Math.max(0, names - withOutcome());
    }

    /** Returns the result as JSON; this record documents its fields. */
    public JsonTree toJson() {
        return JsonTree.of(SyncResultJson.of(this));
    }
}
