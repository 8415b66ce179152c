package io.alldocs.sync;

import io.alldocs.cache.JsonTree;
import io.alldocs.partition.Partition;
import io.alldocs.partition.Sequence;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares the cache of a job with its origin. Immutable.
 *
 * @param at when the report was made
 * @param job the job
 * @param state the recorded state of the job
 * @param interrupted whether the counting was interrupted; if so, the numbers cover only the names that were counted
 *     before
 * @param parts partitions in order; a file's names are one
 * @param stock totals of the stored entries
 * @param origin the state of the origin, null if it was not queried
 * @param repair the result of the repair before it, null without one
 */
public record SyncReport(
        Instant at,
        SyncJob job,
        JobState state,
        boolean interrupted,
        List<Part> parts,
        StoredDocuments stock,
        @Nullable OriginView origin,
        @Nullable SyncResult repair) {

    /** Version of the JSON form; increased when a field changes its meaning or is removed. */
    public static final int SCHEMA_VERSION = 1;

    /** Copies the list. */
    public SyncReport {
        parts = List.copyOf(parts);
    }

    /** The overall status. */
    public enum Status {
        /** Every listed name has an outcome, and no partition differs from the origin's without a known change. */
        COMPLETE,
        /** Something is missing, or differs. */
        PARTIAL,
        /** The counting was interrupted. */
        INTERRUPTED
    }

    /**
     * One partition.
     *
     * @param range its keys
     * @param walked whether all its names are stored
     * @param problem why its names cannot be read, or null
     * @param names number of its stored names
     * @param first first of its stored names, null when there is none
     * @param last last of its stored names, null when there is none
     * @param designDocuments number of {@code _design/…} documents in addition
     * @param outcomes names by outcome
     * @param bytes stored bytes of its packuments
     * @param atOrigin documents that the origin has in it, null when not known
     * @param changed number of its names that changed at the origin after the recorded sequence, null when not known
     * @param stale whether it changed since its pages were stored, as far as the feed was followed
     */
    public record Part(
            Partition range,
            boolean walked,
            @Nullable String problem,
            long names,
            @Nullable String first,
            @Nullable String last,
            long designDocuments,
            Map<String, Long> outcomes,
            long bytes,
            @Nullable Long atOrigin,
            @Nullable Long changed,
            boolean stale) {

        /** Copies the map, in the order of its keys. */
        public Part {
            outcomes = java.util.Collections.unmodifiableMap(new TreeMap<>(outcomes));
        }

        /** Returns how many names have an outcome. */
        public long withOutcome() {
            return sum(outcomes);
        }

        /** Returns how many documents more the origin has than the cache; null when not known. */
        @Nullable
        public Long drift() {
            return atOrigin == null || !walked ? null : Long.valueOf(atOrigin - names - designDocuments);
        }

        /** Returns whether the numbers differ and no known change explains the difference. */
        public boolean driftsWithoutReason() {
            Long drift = drift();
            return drift != null && drift != 0 && !stale && changed != null && changed == 0;
        }
    }

    /**
     * Totals of the stored entries of all partitions.
     *
     * @param documents names with a stored document
     * @param bytes stored bytes of the documents
     * @param biggest the largest documents, largest first
     * @param sizes documents by size: each key is the least size in bytes; the sizes are below twice the key
     * @param ages names by the time since they were requested from the registry: below each of {@link #agesBelow}, then
     *     the rest
     * @param arrivalStep length of a step of the arrivals
     * @param arrivals documents by the time of their arrival
     */
    public record StoredDocuments(
            long documents,
            long bytes,
            List<Biggest> biggest,
            Map<Long, Long> sizes,
            List<Long> ages,
            Duration arrivalStep,
            List<Arrival> arrivals) {

        /** Returns the upper ends of the ages, the youngest first. */
        public static List<Duration> agesBelow() {
            return NameCounts.AGES;
        }
    }

    /** A packument and its stored bytes. */
    public record Biggest(String name, long bytes) {}

    /** The number of documents that arrived within one step from {@code from} on. */
    public record Arrival(Instant from, long documents) {}

    /**
     * The state of an origin. Unknown values are null.
     *
     * @param problem why values are unknown, or null
     * @param failure the exception that caused it, or null
     * @param sequence its position in the feed
     * @param documents documents in the whole database, regardless of the range
     * @param feed the changes after the recorded sequence
     * @param counted whether partitions were counted by offsets; else by listing them
     */
    public record OriginView(
            @Nullable String problem,
            @Nullable RuntimeException failure,
            @Nullable Sequence sequence,
            @Nullable Long documents,
            @Nullable FeedLag feed,
            boolean counted) {}

    /**
     * The changes of the feed after the recorded sequence.
     *
     * @param newEpoch whether its sequences restarted, so that the other values are unknown
     * @param sequences sequences between the two positions, null if they are not numbers
     * @param rows changes
     * @param concerning changes of the job's names
     * @param deletions changes of the job's names that delete a name
     * @param whole whether the feed was read to its end; otherwise there are more changes than these
     */
    public record FeedLag(
            boolean newEpoch, @Nullable Long sequences, long rows, long concerning, long deletions, boolean whole) {}

    /** Returns how many names need an outcome. */
    public long names() {
        return parts.stream().mapToLong(Part::names).sum();
    }

    /** Returns the names by outcome, the most frequent first. */
    public Map<String, Long> outcomes() {
        Map<String, Long> sums = new TreeMap<>();
        parts.forEach(part -> part.outcomes().forEach((outcome, count) -> sums.merge(outcome, count, Long::sum)));
        Map<String, Long> sorted = new java.util.LinkedHashMap<>();
        sums.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    /** Returns how many names have no outcome; 0 when only names are fetched. */
    public long missing() {
        return job.form() == SyncForm.NAMES ? 0 : Math.max(0, names() - sum(outcomes()));
    }

    /** Returns how many partitions have names that are not stored. */
    public long unwalked() {
        return parts.stream().filter(part -> !part.walked()).count();
    }

    /** Returns the indices of the partitions that differ from the origin although no known change explains that. */
    public List<Integer> drifted() {
        return java.util.stream.IntStream.range(0, parts.size())
                .filter(index -> parts.get(index).driftsWithoutReason())
                .boxed()
                .toList();
    }

    /** Returns the overall status. */
    public Status status() {
        if (interrupted) {
            return Status.INTERRUPTED;
        }
        boolean reset = origin != null && origin.feed() != null && origin.feed().newEpoch();
        boolean whole = missing() == 0 && unwalked() == 0 && drifted().isEmpty() && !reset;
        return whole ? Status.COMPLETE : Status.PARTIAL;
    }

    /** Returns whether the origin was queried and did not answer. */
    public boolean isOriginAway() {
        return origin != null && origin.problem() != null;
    }

    /** Returns the stored state as the result of a run that sent no request. */
    public SyncResult toResult() {
        boolean complete =
                missing() == 0 && unwalked() == 0 && !interrupted && !outcomes().containsKey(SyncResult.MALFORMED);
        List<SyncResult.Part> walked = job.names().isPresent()
                ? List.of()
                : parts.stream()
                        .map(part -> new SyncResult.Part(
                                part.range().toString(),
                                part.walked(),
                                part.names(),
                                part.walked() && part.withOutcome() == part.names(),
                                part.outcomes()))
                        .toList();
        return new SyncResult(
                job,
                complete ? SyncResult.Status.COMPLETE : SyncResult.Status.PARTIAL,
                null,
                null,
                true,
                true,
                names(),
                outcomes(),
                walked,
                Map.of(),
                0,
                SyncResult.Foreign.NONE,
                state.retries(),
                SyncResult.Work.NONE,
                new SyncResult.Feed(
                        state.from(),
                        state.position(),
                        state.followed(),
                        0,
                        0,
                        0,
                        0,
                        state.stale().size()),
                null);
    }

    /** Returns the report as JSON. */
    public JsonTree toJson() {
        return JsonTree.of(SyncReportJson.of(this));
    }

    static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
