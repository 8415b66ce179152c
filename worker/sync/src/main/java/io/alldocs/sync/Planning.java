package io.alldocs.sync;

import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Pivots;
import io.alldocs.partition.Sequence;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The step "plan": begins a baseline if there is none, computes the partitions, and writes the headers. A resumed job
 * is not planned again.
 */
final class Planning {
    /**
     * Minimum number of names in a partition of a new plan. Small registries are therefore split into a few partitions,
     * large ones into {@value #PARTITIONS_AIMED_AT} partitions of several pages.
     */
    private static final int MIN_PARTITION_ROWS = 1_000;

    private static final int PARTITIONS_AIMED_AT = 64;

    private final SyncContext context;
    private final JobRecords records;
    private final PartitionCheckpoint listed;
    private final PartitionCheckpoint fetched;

    Planning(SyncContext context) {
        this.context = context;
        this.records = context.records();
        this.listed = context.listed();
        this.fetched = context.fetched();
    }

    /**
     * Begins a baseline, or resumes the existing one.
     *
     * @param reload whether everything is fetched again
     * @return whether a baseline is resumed
     */
    boolean begin(boolean reload) {
        Stream.of(listed, fetched).forEach(Planning::dropWhatIsDamaged);
        boolean isRefreshOfList = context.job().origin().isEmpty() && records.isFinished();
        if (!records.exists() || reload || isRefreshOfList || hasLostItsPlan()) {
            beginBaseline(reload ? JobHeader.Kind.RELOAD : JobHeader.Kind.FIRST);
            return false;
        }
        if (records.hasOtherFilter(context.job().filter())) {
            context.listener()
                    .reconciling("The name filter has changed since the last run. All names are compared by revision.");
            beginBaseline(JobHeader.Kind.RECONCILE);
            return false;
        }
        records.reopened();
        return true;
    }

    /**
     * Deletes damaged records, which must not end a run. A plan that cannot be read is computed again, and the part
     * that a damaged record described is checked again.
     */
    private static void dropWhatIsDamaged(PartitionCheckpoint checkpoint) {
        int parts = 0;
        try {
            parts = SyncContext.partitionsOf(checkpoint).size();
        } catch (IntegrityException e) {
            checkpoint.clear();
        }
        IntStream.range(0, parts)
                .filter(index -> isDamaged(checkpoint, index))
                .forEach(index -> checkpoint.markPending(index, Map.of()));
    }

    private static boolean isDamaged(PartitionCheckpoint checkpoint, int index) {
        try {
            checkpoint.record(index);
            return false;
        } catch (IntegrityException e) {
            return true;
        }
    }

    /**
     * Returns whether the plan is lost. The records of its parts then cannot be used; stored names are still used if
     * their revision is current.
     */
    boolean hasLostItsPlan() {
        return records.hasBegun()
                && (fetched.header().isEmpty()
                        || (context.job().names().isEmpty() && listed.header().isEmpty()));
    }

    /**
     * Checks that recorded data still exists, because files may have been deleted or damaged since. It reads the stored
     * pages, and the fetch reads each name's metadata again; missing data is requested.
     */
    void distrustRecords() {
        if (!records.hasBegun()) {
            return;
        }
        new LostPages(context).reopen();
        IntStream.range(0, SyncContext.partitionsOf(fetched).size())
                .filter(index -> SyncContext.isComplete(fetched, index))
                .forEach(index -> fetched.markPending(index, Map.of()));
    }

    /**
     * Begins a baseline. It reads the sequence before anything is listed, so that no change is lost between the listing
     * and the feed.
     */
    void beginBaseline(JobHeader.Kind why) {
        Optional<Sequence> from =
                context.job().origin().map(origin -> context.partitions().info().updateSeq());
        records.beginBaseline(why, from, context.job().filter());
    }

    /** Returns the stored plan, or a new one; a list of names is one partition. */
    PartitionSet plan() {
        return plan(0, List.of());
    }

    /**
     * Returns the plan as {@link #plan()} does; {@code targetRows} (0 for the default) or {@code pivots} define the
     * partitions of a new plan.
     */
    PartitionSet plan(int targetRows, List<String> pivots) {
        records.correctBaseline();
        if (context.job().names().isPresent()) {
            return recorded(List.of(Partition.all()), fetched);
        }
        List<Partition> planned = listed.header()
                .map(header -> header.partitions().stream().map(Partition::of).toList())
                .orElseGet(() -> newPlan(targetRows, pivots).partitions());
        return recorded(planned, listed, fetched);
    }

    private PartitionSet newPlan(int targetRows, List<String> pivots) {
        if (!pivots.isEmpty()) {
            return PartitionSet.fromPivots(pivots).clip(context.job().range());
        }
        long documents = context.partitions().info().docCount();
        int rows = targetRows > 0 ? targetRows : (int) Math.max(MIN_PARTITION_ROWS, documents / PARTITIONS_AIMED_AT);
        return PartitionSet.fromPivots(
                        Pivots.balanced(context.partitions(), context.job().range(), rows))
                .clip(context.job().range());
    }

    /**
     * Records a plan. A new baseline starts new checkpoints, because the names that an earlier baseline completed must
     * be listed and fetched again.
     */
    private PartitionSet recorded(List<Partition> planned, PartitionCheckpoint... checkpoints) {
        for (PartitionCheckpoint checkpoint : checkpoints) {
            if (!records.hasBegun()) {
                checkpoint.clear();
            }
            checkpoint.recordPartitions(header(planned));
        }
        records.begun();
        return PartitionSet.of(planned);
    }

    private PartitionCheckpoint.Header header(List<Partition> planned) {
        SyncJob job = context.job();
        boolean hasPages = job.origin().isPresent() && job.names().isEmpty();
        URI source = hasPages ? context.partitions().origin() : job.registry();
        return new PartitionCheckpoint.Header(
                records.run(),
                records.baseline(),
                source.toString(),
                job.form().label(),
                records.from().map(Sequence::toJson).orElse(null),
                planned.stream().map(partition -> partition.key(source)).toList());
    }
}
