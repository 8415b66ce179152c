package io.alldocs.sync;

import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.partition.ChangesSummary;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Sequence;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The idempotent steps of a job, for executors that run them in several processes. Each step reads what it needs from the job's records, and records what it did
 * after the data is stored, so that a step in flight when its process dies is simply run again. A step throws what ended it.
 *
 * <p>{@link #list} of different partitions and {@link #fetch} of different batches may run at the same time, in any processes. {@link #replay}, {@link #settle}
 * and {@link #prove} run one at a time for a job, and not while a stale partition is listed. Every step first checks that its claim is the job's last one.
 */
public final class SyncSteps {
    /** Names in one batch: about a minute and a half at npm's polite pace of 50 requests a second. */
    public static final int BATCH_NAMES = 5_000;

    private final RegistrySync sync;
    private final Fence fence;

    SyncSteps(RegistrySync sync, Fence fence) {
        this.sync = sync;
        this.fence = fence;
    }

    private SyncContext context() {
        fence.require();
        return sync.step(fence);
    }

    /**
     * Resumes the stored plan, or reads the feed's sequence, finds the partitions and records them.
     *
     * @throws JobInUseException when there is a later claim, as every other step does
     */
    public JobPlan plan() {
        SyncContext context = context();
        Planning planning = new Planning(context);
        JobRecords records = context.records();
        if (!records.exists() || records.hasOtherFilter(context.job().filter()) || planning.hasLostItsPlan()) {
            planning.begin(false);
        }
        PartitionSet plan = planning.plan();
        boolean hasPages = context.job().names().isEmpty();
        boolean hasPackuments = context.job().form() != SyncForm.NAMES;
        return new JobPlan(
                records.run(),
                plan,
                hasPages ? new Listing(context).unlisted() : List.of(),
                hasPackuments ? incomplete(context.fetched(), plan.size()) : List.of(),
                records.stale());
    }

    private static List<Integer> incomplete(PartitionCheckpoint checkpoint, int partitions) {
        checkpoint.header();
        return IntStream.range(0, partitions)
                .filter(index -> !SyncContext.isComplete(checkpoint, index))
                .boxed()
                .toList();
    }

    /** Stores the pages of one partition; does nothing when it is listed and not stale. */
    public void list(int partition) {
        new Listing(context()).run(partition);
    }

    /**
     * How many batches a partition has.
     *
     * @throws IllegalStateException when it is not listed
     */
    public int batches(int partition) {
        return new Batches(context(), partition).count();
    }

    /**
     * An outcome for every name of one batch.
     *
     * @param batch from 0 to below {@link #batches}
     * @return whether that completed the partition
     * @throws IncompleteBatchException when requests failed; fetched again, the batch requests only what is missing
     * @throws IllegalStateException when the partition is not listed
     */
    public boolean fetch(int partition, int batch) {
        return new Batches(context(), partition).fetch(batch);
    }

    /** To be called once all partitions are fetched: after a feed reset, asks for names that are stored but listed no more; else does nothing. */
    public void fetchVanished() {
        SyncContext context = context();
        if (context.job().names().isEmpty()) {
            new VanishedNames(context).run(new StoredNames(context, plan(context)));
        }
    }

    /**
     * Replays at most {@code maxPages} pages of the feed from where it was followed to. What cannot be fetched is to be retried by {@link #settle}.
     *
     * @throws io.alldocs.partition.SequenceResetException when the feed was reset: {@link #reconcile} next
     */
    public ReplayWindow replay(int maxPages) {
        SyncContext context = context();
        return new Replay(context, plan(context), isListed(context)).window(maxPages);
    }

    /**
     * Retries the names whose time has come.
     *
     * @return names that stay to be retried
     */
    public int settle() {
        SyncContext context = context();
        Retries retries = new Retries(context);
        retries.retryDue();
        retries.forgetAbsent();
        return context.records().pendingRetries();
    }

    /** When the next of the pending names is due; empty when none is pending. */
    public Optional<Instant> nextRetryDue() {
        return new Retries(context()).nextDue();
    }

    /** Begins a new baseline after a feed reset: everything is compared by revision. {@link #plan} comes next. */
    public void reconcile() {
        new Bootstrap(context()).reconcile();
    }

    /** Adds up what is recorded, and records the job as finished when nothing is left but to follow the feed. */
    public SyncResult prove() {
        SyncContext context = context();
        ResultBuilder result = new ResultBuilder(context);
        result.resumed();
        JobRecords records = context.records();
        Optional<Sequence> from = records.from();
        if (from.isPresent() && records.followedAt().isPresent()) {
            Sequence to = records.sequence().orElseThrow();
            result.replayed(new ChangesSummary(from.get(), to, 0, 0, 0));
        }
        SyncResult proven = result.build();
        if (proven.status() == SyncResult.Status.COMPLETE) {
            records.finished(context.cache().clock().instant());
        }
        return proven;
    }

    private static PartitionSet plan(SyncContext context) {
        return context.records().plan().orElseThrow(() -> new IllegalStateException("The job has no plan yet."));
    }

    private static Predicate<String> isListed(SyncContext context) {
        return context.job().names().isPresent() ? context.job().listed() : name -> true;
    }
}
