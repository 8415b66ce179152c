package io.alldocs.sync;

import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.partition.ChangesSummary;
import io.alldocs.partition.CompletenessReport;
import io.alldocs.partition.OriginInfo;
import io.alldocs.partition.Partition;
import io.alldocs.partition.Sequence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The step "prove": adds up the records and states the evidence for completeness. Not thread-safe. */
final class ResultBuilder {
    private final SyncContext context;
    private final SyncJob job;
    private final JobRecords records;
    private final Tally tally;
    private final PartitionCheckpoint listed;
    private final PartitionCheckpoint fetched;
    private final Instant startedAt;
    private boolean resumed;
    private boolean interrupted;
    private @Nullable RuntimeException stopped;
    private @Nullable OriginInfo before;
    private @Nullable OriginInfo after;
    private @Nullable ChangesSummary replayed;

    /** Starts the result of a run; the counts of earlier runs on the same tally are kept. */
    ResultBuilder(SyncContext context) {
        this.context = context;
        this.job = context.job();
        this.records = context.records();
        this.tally = context.tally();
        this.listed = context.listed();
        this.fetched = context.fetched();
        this.startedAt = context.cache().clock().instant();
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

    /**
     * Adds a replay. Replays follow each other without a gap. Together they cover the sequences from the one before the
     * listing to the end of the last replay.
     */
    void replayed(ChangesSummary replay) {
        Sequence since = records.from().orElse(replay.since());
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
        List<SyncResult.Part> parts = job.names().isPresent() ? List.of() : parts();
        Map<String, Long> outcomes = outcomes();
        long names = job.names().map(NameList::count).orElseGet(() -> walked(parts));
        CompletenessReport proof = job.names().isPresent() || parts.isEmpty() ? null : proof(names, outcomes);
        SyncResult.Status status = status(names, outcomes, proof);
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
                tally.foreign(),
                records.progress().pendingRetries(),
                work(),
                job.origin().isPresent() ? feed() : null,
                proof);
    }

    private List<SyncResult.Part> parts() {
        Optional<PartitionCheckpoint.Header> header = listed.header();
        List<SyncResult.Part> parts = new ArrayList<>();
        for (int i = 0; header.isPresent() && i < header.get().partitions().size(); i++) {
            var names = listed.record(i);
            boolean isFetched = fetched.header().isPresent() && isComplete(fetched.record(i));
            parts.add(new SyncResult.Part(
                    Partition.of(header.get().partitions().get(i)).toString(),
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

    private static long walked(List<SyncResult.Part> parts) {
        return parts.stream().mapToLong(SyncResult.Part::names).sum();
    }

    private CompletenessReport proof(long names, Map<String, Long> outcomes) {
        CompletenessReport.Builder proof = CompletenessReport.builder(
                        job.origin().orElse(job.registry()).toString(), job.range())
                .walked(listed);
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

    private SyncResult.Status status(long names, Map<String, Long> outcomes, @Nullable CompletenessReport proof) {
        if (stopped != null) {
            return interrupted
                    ? SyncResult.Status.INTERRUPTED
                    : Failures.isRefusal(stopped) ? SyncResult.Status.REFUSED : SyncResult.Status.PARTIAL;
        }
        if (nothingWasAnswered()) {
            return SyncResult.Status.REFUSED;
        }
        boolean proven = proof == null
                ? outcomes.values().stream().mapToLong(Long::longValue).sum() >= names
                : proof.complete();
        boolean sound = tally.failed() == 0 && !outcomes.containsKey(SyncResult.MALFORMED);
        return proven && sound ? SyncResult.Status.COMPLETE : SyncResult.Status.PARTIAL;
    }

    /**
     * Returns whether requests failed and none was answered. With so few names, an outage cannot be distinguished from
     * individual failures.
     */
    private boolean nothingWasAnswered() {
        return tally.failed() > 0
                && tally.foreign().names() == 0
                && tally.fetched.get() + tally.unchanged.get() + tally.hits.get() + tally.pages.get() == 0;
    }

    private SyncResult.Work work() {
        return new SyncResult.Work(
                Duration.between(startedAt, context.cache().clock().instant()),
                tally.pages.get(),
                tally.fetched.get(),
                tally.unchanged.get(),
                tally.hits.get(),
                tally.bytesStored.get(),
                context.wire().get());
    }

    private SyncResult.Feed feed() {
        return new SyncResult.Feed(
                records.from().orElse(null),
                records.progress().sequence().orElse(null),
                records.progress().followedAt().orElse(null),
                tally.changes.get(),
                tally.changedNames.get(),
                tally.deletions.get(),
                tally.resets.get(),
                records.progress().stale().size());
    }
}
