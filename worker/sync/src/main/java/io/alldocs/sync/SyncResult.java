package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.partition.ChangesSummary;
import io.alldocs.partition.CompletenessReport;
import io.alldocs.partition.OriginInfo;
import io.alldocs.partition.Sequence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is there, what is not, and what this run did. Immutable.
 *
 * @param job what was to be fetched
 * @param status how it ended
 * @param reason what ended it before its end, or null
 * @param cause the exception behind the reason, or null
 * @param offline whether nothing was asked
 * @param resumed whether an earlier run had begun the job
 * @param names names that need an outcome: listed by the origin or in the file
 * @param outcomes names by outcome, in lower case; empty when only names were asked for
 * @param parts what is known of each partition
 * @param failures the first thousand failed names with the reason
 * @param failed names that failed
 * @param lagging names whose packument is older than the feed says
 * @param work what this run did
 * @param feed how far the feed of changes was followed; null when no origin was asked
 * @param proof what the completeness rests on; null when it is only that every name in a file has an outcome
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
        long lagging,
        Work work,
        @Nullable Feed feed,
        @Nullable CompletenessReport proof) {

    /** Version of the JSON form; rises when a field changes its meaning or goes. */
    public static final int SCHEMA_VERSION = 1;

    /** How a run ended. */
    public enum Status {
        /** All that was asked for is there. */
        COMPLETE,
        /** Something is missing. */
        PARTIAL,
        /** A signal or an interrupt ended it. */
        INTERRUPTED,
        /** The origin or the registry refused, is none, or could not be reached. */
        REFUSED
    }

    /**
     * One partition.
     *
     * @param range as {@code [start-end]}
     * @param walked whether its names are all there
     * @param names names in it
     * @param fetched whether each of them has an outcome
     * @param outcomes names by outcome, once all have one
     */
    public record Part(String range, boolean walked, long names, boolean fetched, Map<String, Long> outcomes) {}

    /**
     * What one run did.
     *
     * @param elapsed wall time
     * @param pages pages of names received
     * @param fetched packuments and other outcomes received
     * @param unchanged names of which the registry said that nothing changed
     * @param hits names that were current in the cache
     * @param bytesStored stored bytes of what was received
     * @param wire what went over the wire
     */
    public record Work(
            Duration elapsed,
            long pages,
            long fetched,
            long unchanged,
            long hits,
            long bytesStored,
            CountingTransport.Counts wire) {

        /** Requests sent per second of wall time. */
        public double requestsPerSecond() {
            return elapsed.toMillis() == 0 ? 0 : wire.requests() * 1000.0 / elapsed.toMillis();
        }
    }

    /**
     * The feed of changes.
     *
     * @param from where it stood before the walk
     * @param to how far it was followed
     * @param endSeenAt when its end was seen last, null when never
     * @param changes changes read in this run
     * @param concerning those of names of the job
     * @param deletions those of them that deleted a name
     * @param resets new epochs met
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

    /** Copies the collections. */
    public SyncResult {
        outcomes = Map.copyOf(outcomes);
        parts = List.copyOf(parts);
    }

    /** Names with an outcome. */
    public long withOutcome() {
        return outcomes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Names without an outcome; 0 when only names were asked for. */
    public long missing() {
        return job.form() == SyncForm.NAMES ? 0 : Math.max(0, names - withOutcome());
    }

    /** The report for a file; its fields are documented by this record. */
    public JsonNode toJson() {
        return SyncResultJson.of(this);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Gathers what a run learns. Not thread-safe. */
    static final class Builder {
        private final SyncJob job;
        private final Cache cache;
        private final RunState state;
        private final Tally tally;
        private final PartitionCheckpoint walk;
        private final PartitionCheckpoint fetched;
        private final Supplier<CountingTransport.Counts> wire;
        private Instant startedAt;
        private boolean resumed;
        private boolean interrupted;
        private @Nullable RuntimeException stopped;
        private @Nullable OriginInfo before;
        private @Nullable OriginInfo after;
        private @Nullable ChangesSummary replayed;

        Builder(
                SyncJob job,
                Cache cache,
                RunState state,
                Tally tally,
                PartitionCheckpoint walk,
                PartitionCheckpoint fetched,
                Supplier<CountingTransport.Counts> wire) {
            this.job = job;
            this.cache = cache;
            this.state = state;
            this.tally = tally;
            this.walk = walk;
            this.fetched = fetched;
            this.wire = wire;
            this.startedAt = cache.clock().instant();
        }

        /** A run begins; what earlier runs of this object did stays counted, how they ended does not. */
        void begin() {
            startedAt = cache.clock().instant();
            stopped = null;
            interrupted = false;
            replayed = null;
        }

        void resumed() {
            resumed = true;
        }

        void stopped(RuntimeException cause, boolean byInterrupt) {
            stopped = cause;
            interrupted = byInterrupt;
        }

        void before(OriginInfo info) {
            before = info;
        }

        void after(OriginInfo info) {
            after = info;
        }

        /** Replays follow each other without a gap, so together they go from the sequence before the walk to where the last one ended. */
        void replayed(ChangesSummary replay) {
            Sequence since = state.from().orElse(replay.since());
            replayed = replayed == null
                    ? new ChangesSummary(since, replay.last(), replay.pages(), replay.changes(), replay.deleted())
                    : new ChangesSummary(
                            since,
                            replay.last(),
                            replayed.pages() + replay.pages(),
                            replayed.changes() + replay.changes(),
                            replayed.deleted() + replay.deleted());
        }

        SyncResult build() {
            List<Part> parts = job.names().isPresent() ? List.of() : parts();
            Map<String, Long> outcomes = outcomes();
            long names = job.names().map(NameList::count).orElseGet(() -> walked(parts));
            CompletenessReport proof = job.names().isPresent() || parts.isEmpty() ? null : proof(names, outcomes);
            Status status = status(names, outcomes, proof);
            return new SyncResult(
                    job,
                    status,
                    stopped == null ? null : Failures.message(stopped),
                    stopped,
                    false,
                    resumed,
                    names,
                    outcomes,
                    parts,
                    tally.failures(),
                    tally.failed(),
                    state.owed().size(),
                    work(),
                    job.origin().isPresent() ? feed() : null,
                    proof);
        }

        private List<Part> parts() {
            Optional<PartitionCheckpoint.Header> header = walk.header();
            List<Part> parts = new ArrayList<>();
            for (int i = 0; header.isPresent() && i < header.get().partitions().size(); i++) {
                var names = walk.record(i);
                boolean isFetched = fetched.header().isPresent() && isComplete(fetched.record(i));
                parts.add(new Part(
                        io.alldocs.partition.Partition.of(
                                        header.get().partitions().get(i))
                                .toString(),
                        isComplete(names),
                        Numbers.longValue(names.details().get("rows")),
                        isFetched,
                        isFetched ? outcomes(fetched.record(i)) : Map.of()));
            }
            return parts;
        }

        private static boolean isComplete(PartitionCheckpoint.Record part) {
            return part.state() == PartitionCheckpoint.State.COMPLETE;
        }

        private static Map<String, Long> outcomes(PartitionCheckpoint.Record part) {
            Map<String, Long> counts = new TreeMap<>();
            part.details().forEach((outcome, count) -> counts.put(outcome, Numbers.longValue(count)));
            counts.remove("rows");
            return counts;
        }

        private Map<String, Long> outcomes() {
            Map<String, Long> sums = new TreeMap<>();
            int parts = job.form() == SyncForm.NAMES
                    ? 0
                    : fetched.header().map(h -> h.partitions().size()).orElse(0);
            for (int i = 0; i < parts; i++) {
                outcomes(fetched.record(i)).forEach((outcome, count) -> sums.merge(outcome, count, Long::sum));
            }
            return sums;
        }

        private static long walked(List<Part> parts) {
            return parts.stream().mapToLong(Part::names).sum();
        }

        private CompletenessReport proof(long names, Map<String, Long> outcomes) {
            CompletenessReport.Builder proof = CompletenessReport.builder(
                            job.origin().orElse(job.registry()).toString(), job.range())
                    .walked(walk);
            if (before != null) {
                proof.before(before);
            }
            if (after != null) {
                proof.after(after);
            }
            if (replayed != null) {
                proof.replayed(replayed);
            }
            if (job.form() != SyncForm.NAMES) {
                proof.outcomes(names, outcomes);
            }
            if (tally.failed() > 0) {
                proof.problem(tally.failed() + " names failed.");
            }
            return proof.build();
        }

        private Status status(long names, Map<String, Long> outcomes, @Nullable CompletenessReport proof) {
            if (stopped != null) {
                return interrupted ? Status.INTERRUPTED : Failures.isRefusal(stopped) ? Status.REFUSED : Status.PARTIAL;
            }
            if (nothingWasAnswered()) {
                return Status.REFUSED;
            }
            boolean proven = proof == null
                    ? outcomes.values().stream().mapToLong(Long::longValue).sum() >= names
                    : proof.complete();
            return proven && tally.failed() == 0 ? Status.COMPLETE : Status.PARTIAL;
        }

        /** Too few names to tell an outage from bad luck, but not one of them was answered. */
        private boolean nothingWasAnswered() {
            return tally.failed() > 0
                    && tally.fetched.get() + tally.unchanged.get() + tally.hits.get() + tally.pages.get() == 0;
        }

        private Work work() {
            return new Work(
                    Duration.between(startedAt, cache.clock().instant()),
                    tally.pages.get(),
                    tally.fetched.get(),
                    tally.unchanged.get(),
                    tally.hits.get(),
                    tally.bytesStored.get(),
                    wire.get());
        }

        private Feed feed() {
            return new Feed(
                    state.from().orElse(null),
                    state.sequence().orElse(null),
                    state.followedAt().orElse(null),
                    tally.changes.get(),
                    tally.changedNames.get(),
                    tally.deletions.get(),
                    tally.resets.get(),
                    state.stale().size());
        }
    }
}
