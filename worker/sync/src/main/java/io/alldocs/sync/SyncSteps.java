package io.alldocs.sync;

import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.partition.ChangesSummary;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Sequence;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The idempotent steps of a job, for executors that run them in several processes. Each step reads its input from the
 * job's records, and records its work after the data is stored. A step that was in flight when its process crashed is
 * run again. A step throws the failure that ended it.
 *
 * <p>{@link #list} of different partitions and {@link #fetch} of different batches may run at the same time, in any
 * processes. {@link #openWindow}, {@link #closeWindow}, {@link #settle} and {@link #prove} run one at a time for a job,
 * and not while a stale partition is listed. Every step first checks that its claim is the job's last one.
 */
public final class SyncSteps {
    /**
     * Default number of names in one batch. At the default rate of 50 requests per second, a batch takes about a minute
     * and a half.
     */
    public static final int BATCH_NAMES = 5_000;

    private final ClaimedJob job;
    private final Fence fence;
    private final int batchNames;
    private final BooleanSupplier isAbandoned;
    private final LongConsumer counted;
    private final StoredOutcomes stored = new StoredOutcomes();

    SyncSteps(ClaimedJob job, Fence fence) {
        this(job, fence, BATCH_NAMES, () -> false, count -> {});
    }

    private SyncSteps(ClaimedJob job, Fence fence, int batchNames, BooleanSupplier isAbandoned, LongConsumer counted) {
        this.job = job;
        this.fence = fence;
        this.batchNames = batchNames;
        this.isAbandoned = isAbandoned;
        this.counted = counted;
    }

    /**
     * Returns the same steps with batches of another size; all processes of an executor must use the same.
     *
     * @param names at least 1
     */
    public SyncSteps withBatchesOf(int names) {
        return new SyncSteps(job, fence, names, isAbandoned, counted);
    }

    /**
     * Returns the same steps for an executor that may lose the work to another process. Once {@code isAbandoned}
     * returns true, {@link #fetch} requests no further name. Responses in flight are still stored.
     */
    public SyncSteps abandonedWhen(BooleanSupplier isAbandoned) {
        return new SyncSteps(job, fence, batchNames, isAbandoned, counted);
    }

    /**
     * Returns the same steps for an executor that shows the progress of a batch.
     *
     * @param counted called during {@link #fetch} with the number of names that have just received an outcome, from any
     *     thread; it must not block
     */
    public SyncSteps counting(LongConsumer counted) {
        return new SyncSteps(job, fence, batchNames, isAbandoned, counted);
    }

    private SyncContext context() {
        fence.require();
        return job.step(fence, stored);
    }

    private Batches batchesOf(int partition) {
        return new Batches(context(), partition, batchNames, isAbandoned, counted);
    }

    /**
     * Resumes the stored plan, or reads the feed's sequence, finds the partitions and records them.
     *
     * @throws JobInUseException when there is a later claim, as every other step does
     */
    public JobPlan plan() {
        return plan(0, List.of());
    }

    /**
     * Plans as {@link #plan()} does; a new plan has the given partitions.
     *
     * @param targetRows names in a partition, roughly; 0 for 64 partitions of 1,000 names or more
     * @param pivots where partitions begin; empty for partitions of about equal size
     */
    public JobPlan plan(int targetRows, List<String> pivots) {
        SyncContext context = context();
        Planning planning = new Planning(context);
        JobRecords records = context.records();
        if (!records.exists() || records.hasOtherFilter(context.job().filter()) || planning.hasLostItsPlan()) {
            planning.begin(false);
        }
        PartitionSet plan = planning.plan(targetRows, pivots);
        boolean hasPages = context.job().names().isEmpty();
        boolean hasPackuments = context.job().form() != SyncForm.NAMES;
        return new JobPlan(
                records.run(),
                plan,
                hasPages ? new Listing(context).unlisted() : List.of(),
                hasPackuments ? incomplete(context.fetched(), plan.size()) : List.of(),
                records.progress().stale());
    }

    /**
     * Begins a run of the job, for an executor that has just claimed it: the job counts as unfinished. Partitions and
     * batches with malformed names count as not fetched, so that these names are requested again. Listed partitions
     * whose stored pages are lost count as not listed. Does nothing for a new job. {@link #plan} comes next.
     */
    public void beginRun() {
        SyncContext context = context();
        if (!context.records().exists()) {
            return;
        }
        context.records().reopened();
        if (new Planning(context).hasLostItsPlan()) {
            return;
        }
        PartitionCheckpoint fetched = context.fetched();
        new OpenOutcomes(fetched).reopen();
        boolean hasPages = context.job().names().isEmpty();
        if (hasPages) {
            new LostPages(context).reopen();
        }
        Set<Integer> unlisted = hasPages ? Set.copyOf(new Listing(context).unlisted()) : Set.of();
        IntStream.range(0, SyncContext.partitionsOf(fetched).size())
                .filter(index -> !unlisted.contains(index) && !SyncContext.isComplete(fetched, index))
                .forEach(index -> batchesOf(index).reopenMalformed());
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
     * Fetches an outcome for every name of one batch.
     *
     * @param batch one of {@link #openBatches}
     * @return whether that completed the partition
     * @throws IncompleteBatchException when requests failed, or the work was abandoned; fetched again, the batch
     *     requests only what is missing
     * @throws UnlistedException when the partition is not listed, or its stored pages are lost, so that it counts as
     *     not listed from then on: {@link #list} next
     */
    public boolean fetch(int partition, int batch) {
        return batchesOf(partition).fetch(batch);
    }

    /**
     * Returns the batches of a partition that are not fetched yet. If all are fetched and the partition is not
     * complete, its last batch is still open: fetching it adds up the records.
     *
     * @throws UnlistedException when the partition is not listed
     */
    public List<Integer> openBatches(int partition) {
        Batches batches = batchesOf(partition);
        List<Integer> open = batches.open();
        boolean isComplete = SyncContext.isComplete(context().fetched(), partition);
        return open.isEmpty() && !isComplete ? List.of(batches.count() - 1) : open;
    }

    /**
     * Returns how many names a batch has.
     *
     * @throws UnlistedException when the partition is not listed
     */
    public long batchSize(int partition, int batch) {
        return batchesOf(partition).size(batch);
    }

    /**
     * Returns the names whose packument these steps stored or confirmed at {@code sinceNanos} or later.
     *
     * @param sinceNanos a value of {@link System#nanoTime}
     */
    public List<String> storedSince(long sinceNanos) {
        return stored.since(sinceNanos);
    }

    /**
     * Revalidates names whose packument these steps stored while another process may have done the same work. An older
     * packument may have replaced a newer one. It writes no progress, so it is allowed on a claim that has ended.
     *
     * @param names as returned by {@link #storedSince}
     * @throws RuntimeException the first failure of a request, after all were sent
     */
    public void revalidate(Collection<String> names) {
        Revalidation.run(job.context(), names);
    }

    /** Stores the pages of one partition again. Call it if another process may have listed the partition meanwhile. */
    public void listAgain(int partition) {
        SyncContext context = context();
        context.records().progress().distrust(Set.of(partition));
        new Listing(context).run(partition);
    }

    /**
     * Requests names that are stored but no longer listed, after a feed reset; otherwise does nothing. Call it after
     * all partitions are fetched.
     *
     * @throws UnlistedException when stored pages are lost: their partitions count as not listed from then on
     */
    public void fetchVanished() {
        SyncContext context = context();
        if (context.job().names().isEmpty()) {
            new VanishedNames(context).run(new StoredNames(context, plan(context)));
        }
    }

    /**
     * Opens the part of the feed after the recorded sequence. Any processes may {@link #fetchChanges fetch} its chunks
     * before one {@link #closeWindow closes} it. A window that was opened and not closed is opened again unchanged.
     *
     * @return empty at the end of the feed, which is recorded
     * @throws io.alldocs.partition.SequenceResetException when the feed was reset: {@link #reconcile} next
     */
    public Optional<ChangeWindow> openWindow() {
        return windows().open();
    }

    /** Returns the chunks of a window that are not fetched yet. */
    public List<ChangeWindow.Chunk> openChunks(ChangeWindow window) {
        return windows().openChunks(window);
    }

    /**
     * Fetches the names of a chunk, unless that was done; a name that fails or lags behind the feed is recorded as
     * pending. May run in any process.
     */
    public void fetchChanges(ChangeWindow.Chunk chunk) {
        windows().fetch(chunk);
    }

    /**
     * Records which partitions of the window are stale, which of its names are pending, and the sequence after it.
     * Names of chunks that were not fetched are pending.
     */
    public void closeWindow(ChangeWindow window) {
        windows().close(window);
    }

    private WindowedReplay windows() {
        SyncContext context = context();
        return new WindowedReplay(context, plan(context), isListed(context));
    }

    /**
     * Retries the names that are due.
     *
     * @return how many names are still to be retried
     */
    public int settle() {
        SyncContext context = context();
        Retries retries = new Retries(context);
        retries.retryDue();
        retries.forgetAbsent();
        return context.records().progress().pendingRetries();
    }

    /** Returns when the next of the pending names is due; empty when none is pending. */
    public Optional<Instant> nextRetryDue() {
        return new Retries(context()).nextDue();
    }

    /** Begins a new baseline after a feed reset: everything is compared by revision. {@link #plan} comes next. */
    public void reconcile() {
        new Bootstrap(context()).reconcile();
    }

    /**
     * Records the items that the executor has given up so far, so that a report names them. {@link #prove} records them
     * too.
     *
     * @param givenUp reasons by the description of the item that was given up; empty if there is none
     */
    public void recordGivenUp(Map<String, String> givenUp) {
        new GivenUp(context().records()).record(givenUp);
    }

    /**
     * Adds up the records. Records the job as finished when only following the feed remains. If the executor has given
     * up items, the result is partial and names them.
     *
     * @param givenUp reasons by the description of the item that was given up; empty if there is none
     */
    public SyncResult prove(Map<String, String> givenUp) {
        SyncContext context = context();
        new GivenUp(context.records()).record(givenUp);
        givenUp.forEach((what, reason) -> context.tally().fail(what, new IllegalStateException(reason)));
        ResultBuilder result = new ResultBuilder(context);
        result.resumed();
        JobRecords records = context.records();
        Optional<Sequence> from = records.from();
        if (from.isPresent() && records.progress().followedAt().isPresent()) {
            Sequence to = records.progress().sequence().orElseThrow();
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
