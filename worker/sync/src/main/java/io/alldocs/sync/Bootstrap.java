package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.IntegrityException;
import io.alldocs.cache.NotCachedException;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.packument.NameFilter;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionResult;
import io.alldocs.partition.PartitionRows;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Pivots;
import io.alldocs.partition.Sequence;
import io.alldocs.partition.SequenceResetException;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One job from beginning to end: reads where the feed of changes stands, plans balanced partitions, walks them, fetches a packument for every name,
 * catches up with the changes made meanwhile, and reports. Run again it goes on where it stopped; run after it finished it only catches up.
 *
 * <p>Everything it needs to go on is in the cache, written after the data it speaks of. One run at a time per job and cache. Where the store may
 * answer with old values after a write, what the job reads again is kept in another one ({@link Builder#checkpoints}): state, checkpoints and, beside the
 * copies in the cache, the pages of names.
 */
public final class Bootstrap {
    /** Small registries are cut into pieces worth showing, large ones into pieces of a few pages. */
    private static final int MIN_PARTITION_ROWS = 1_000;

    private static final int PARTITIONS_AIMED_AT = 64;
    private static final int MAX_EPOCHS = 3;

    private final SyncJob job;
    private final Cache cache;
    private final Cache checkpoints;
    private final @Nullable PartitionClient partitions;
    private final @Nullable ChangesClient changes;
    private final PackumentClient packuments;
    private final SyncListener listener;
    private final NameFilter filter;
    private final boolean force;
    private final Duration lagWait;
    private final Deletions deletions;
    private final DeletionPolicy deletedPolicy;
    private final OutageGuard guard;
    private final PartitionCheckpoint walk;
    private final PartitionCheckpoint fetched;
    private final Tally tally = new Tally();
    private final RunState state;
    private final SyncResult.Builder report;
    private @Nullable RuntimeException walkFailure;

    private Bootstrap(Builder builder) {
        this.job = Objects.requireNonNull(builder.job, "job");
        this.cache = Objects.requireNonNull(builder.cache, "cache");
        this.checkpoints = builder.checkpoints == null ? cache : builder.checkpoints;
        this.packuments = Objects.requireNonNull(builder.packuments, "packuments");
        this.partitions = builder.partitions;
        this.changes = builder.changes;
        this.listener = builder.listener;
        this.filter = builder.filter;
        this.force = builder.force;
        this.lagWait = builder.lagWait;
        this.deletedPolicy = builder.deletedPolicy;
        this.deletions = new Deletions(deletedPolicy, job, cache, tally);
        this.guard = new OutageGuard(builder.failuresInARow);
        this.walk = new PartitionCheckpoint(checkpoints, job.id() + "-names");
        this.fetched = new PartitionCheckpoint(checkpoints, job.id() + "-packuments");
        this.state = RunState.read(checkpoints, job);
        this.report = new SyncResult.Builder(job, cache, state, tally, walk, fetched, builder.wire);
    }

    /** A builder; job, cache and packument client must be given, and the other two clients when the job has an origin. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Does what is left to do; may be called again. Does not throw for what an origin, a store or an interrupt did: the report says so. An
     * interrupt leaves the thread's flag set.
     *
     * @throws RuntimeException what ended the run, when the store cannot be read for the report either
     */
    public SyncResult run() {
        report.begin();
        walkFailure = null;
        try {
            begin();
            doAllWork();
        } catch (RuntimeException e) {
            listener.phaseEnded();
            return reportOf(e);
        }
        listener.phaseEnded();
        return report.build();
    }

    private SyncResult reportOf(RuntimeException cause) {
        boolean interrupted = Thread.interrupted(); // the store must be readable for the report
        try {
            report.stopped(cause, interrupted);
            return report.build();
        } catch (RuntimeException e) {
            if (e != cause) {
                cause.addSuppressed(e);
            }
            throw cause;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void begin() {
        Stream.of(walk, fetched).forEach(Bootstrap::dropWhatIsDamaged);
        boolean isRefreshOfFile = job.origin().isEmpty() && state.isFinished();
        if (!state.exists() || force || isRefreshOfFile || hasLostItsPlan()) {
            beginBaseline(force ? RunState.Kind.RELOAD : RunState.Kind.FIRST);
        } else if (state.hasOtherFilter(filter)) {
            listener.reconciling(
                    "The filter of names is another than in the last run: comparing everything by revision.");
            beginBaseline(RunState.Kind.RECONCILE);
        } else {
            report.resumed();
            state.reopened();
            distrustRecords();
        }
    }

    /** A plan that cannot be read is made again, and what a damaged record told of is looked at again: neither may end a run. */
    private static void dropWhatIsDamaged(PartitionCheckpoint checkpoint) {
        int parts = 0;
        try {
            parts = checkpoint
                    .header()
                    .map(header -> header.partitions().size())
                    .orElse(0);
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

    /** Without the plan, what was recorded of its parts means nothing; what is stored of a name still counts when its revision is right. */
    private boolean hasLostItsPlan() {
        return state.hasBegun()
                && (fetched.header().isEmpty()
                        || (job.names().isEmpty() && walk.header().isEmpty()));
    }

    /**
     * Records tell what was stored, not what is there still: files may have been deleted or damaged since. So the stored pages are read through, and
     * the fetch reads each name's head again; what is missing is asked for.
     */
    private void distrustRecords() {
        if (!state.hasBegun()) {
            return;
        }
        List<CacheKey> pages = planned();
        for (int index = 0; index < pages.size(); index++) {
            if (isComplete(walk, index) && !isReadable(Partition.of(pages.get(index)))) {
                walk.markPending(index, Map.of());
            }
        }
        int parts = fetched.header().orElseThrow().partitions().size();
        IntStream.range(0, parts)
                .filter(index -> isComplete(fetched, index))
                .forEach(index -> fetched.markPending(index, Map.of()));
    }

    private boolean isReadable(Partition partition) {
        try (PartitionRows rows = origin().rows(partition, RequestOptions.of(CacheMode.ONLY_IF_CACHED))) {
            rows.forEachRemaining(row -> {});
            return true;
        } catch (NotCachedException | IntegrityException e) {
            return false;
        }
    }

    /** Reads the sequence before anything is walked, so that no change can slip between the walk and the feed. */
    private void beginBaseline(RunState.Kind why) {
        Optional<Sequence> from = job.origin().map(origin -> origin().info().updateSeq());
        state.beginBaseline(why, from, filter);
    }

    private void doAllWork() {
        for (int epoch = 1; ; epoch++) {
            try {
                workThroughEpoch();
                state.finished(cache.clock().instant());
                return;
            } catch (SequenceResetException e) {
                if (epoch == MAX_EPOCHS) {
                    throw e;
                }
                listener.reconciling(Failures.message(e) + " Comparing everything by revision.");
                beginEpoch();
            }
        }
    }

    /** What the feed said so far says nothing of what comes: the next run compares everything that is stored by revision. */
    void beginEpoch() {
        tally.resets.incrementAndGet();
        beginBaseline(RunState.Kind.RECONCILE);
    }

    private void workThroughEpoch() {
        if (job.names().isPresent()) {
            workThroughFile(job.names().get());
            return;
        }
        PartitionSet plan = plan();
        walkAll();
        bringPackuments(names(plan));
        follow(plan, name -> true);
        if (!state.stale().isEmpty()) {
            walkStale(plan);
            follow(plan, name -> true);
        }
        changeFollow().settleDebts();
    }

    /** Lists the names of partitions anew that changed since, and brings what is missing in any. */
    void walkStale() {
        if (job.names().isEmpty()) {
            walkStale(plan());
        }
    }

    private void walkStale(PartitionSet plan) {
        new StaleWalk(origin(), plan, walk, fetched, state, this::walked, tally, guard, listener).run();
        bringPackuments(names(plan));
    }

    private StoredNames names(PartitionSet plan) {
        return new StoredNames(origin(), walk, plan.partitions());
    }

    /** As {@link #run()}, and lists the names of {@code partitions} anew, by their index in the plan, whatever is recorded of them. */
    public SyncResult repair(Set<Integer> partitions) {
        if (state.exists()) {
            state.distrust(partitions);
        }
        return run();
    }

    /** Whether a run came to its end, so that there is nothing left but the feed to follow. */
    public boolean isFinished() {
        try {
            return state.isFinished() && !hasLostItsPlan();
        } catch (IntegrityException e) {
            return false;
        }
    }

    /** What was done since the process began. */
    public WorkCounts counts() {
        return tally.counts();
    }

    /**
     * The feed of changes, to be followed once {@link #isFinished()}.
     *
     * @throws IllegalStateException when the job has no origin, or no run has planned it yet
     */
    public JobFeed feed() {
        return job.names()
                .map(file -> new JobFeed(
                        this, changeFollow(), state, PartitionSet.of(new FileNames(file).partitions()), job.listed()))
                .orElseGet(() -> new JobFeed(this, changeFollow(), state, storedPlan(), name -> true));
    }

    private PartitionSet storedPlan() {
        return PartitionSet.of(planned().stream().map(Partition::of).toList());
    }

    private void workThroughFile(NameList file) {
        FileNames names = new FileNames(file);
        beginCheckpoints(names.partitions(), fetched);
        fetch().run(names);
        if (job.origin().isPresent()) {
            follow(PartitionSet.of(names.partitions()), NameHashes.of(names)::contains);
            changeFollow().settleDebts();
        }
    }

    private void bringPackuments(StoredNames names) {
        if (job.form() == SyncForm.NAMES) {
            return;
        }
        fetch().run(names);
        if (state.kind() == RunState.Kind.RECONCILE) {
            askForVanished(names);
        }
    }

    /** The stored plan, or a new one: resuming never plans anew. */
    private PartitionSet plan() {
        List<Partition> planned = walk.header()
                .map(header -> header.partitions().stream().map(Partition::of).toList())
                .orElseGet(() -> newPlan().partitions());
        beginCheckpoints(planned, walk, fetched);
        return PartitionSet.of(planned);
    }

    private PartitionSet newPlan() {
        long documents = origin().info().docCount();
        int rows = (int) Math.max(MIN_PARTITION_ROWS, documents / PARTITIONS_AIMED_AT);
        return PartitionSet.fromPivots(Pivots.balanced(origin(), job.range(), rows))
                .clip(job.range());
    }

    /** A new baseline begins new checkpoints: what an earlier one completed is to be walked and fetched again. */
    private void beginCheckpoints(List<Partition> planned, PartitionCheckpoint... checkpoints) {
        for (PartitionCheckpoint checkpoint : checkpoints) {
            if (!state.hasBegun()) {
                checkpoint.clear();
            }
            checkpoint.recordPartitions(header(planned));
        }
        state.begun();
    }

    private PartitionCheckpoint.Header header(List<Partition> planned) {
        URI source = job.origin().isPresent() && job.names().isEmpty() ? origin().origin() : job.registry();
        return new PartitionCheckpoint.Header(
                state.run(),
                state.baseline(),
                source.toString(),
                job.form().label(),
                state.from().map(Sequence::toJson).orElse(null),
                planned.stream().map(partition -> partition.key(source)).toList());
    }

    private void walkAll() {
        if (unwalked() == 0) {
            return;
        }
        report.before(origin().info());
        listener.phaseStarted(SyncPhase.LIST, 0);
        origin().requestAll(walk, RequestOptions.of(CacheMode.RELOAD), this::walked, this::walkFailed);
        report.after(origin().info());
        requireWalked();
    }

    private void walked(PartitionResult page) {
        guard.succeeded();
        tally.page(page);
        listener.progressed(page.rows());
        if (checkpoints != cache) {
            cache.set(page.partition().key(origin().origin()).toString(), page.entry());
        }
    }

    private void walkFailed(Partition partition, RuntimeException failure) {
        walkFailure = failure;
        tally.fail("partition " + partition, Failures.message(failure));
        guard.failed(failure);
    }

    /** Fetching from half a list of names would report a completeness that is not there. */
    private void requireWalked() {
        int missing = unwalked();
        int total = planned().size();
        if (missing == total && walkFailure != null) {
            throw walkFailure;
        }
        if (missing > 0) {
            throw new UnwalkedException(missing, total, tally.failures());
        }
    }

    /** Goes by the plan's records: a listing of the cache, as getProgress makes, takes minutes where millions of packuments are stored. */
    private int unwalked() {
        return (int) IntStream.range(0, planned().size())
                .filter(index -> !isComplete(walk, index))
                .count();
    }

    private static boolean isComplete(PartitionCheckpoint checkpoint, int index) {
        return checkpoint.record(index).state() == PartitionCheckpoint.State.COMPLETE;
    }

    private List<CacheKey> planned() {
        return walk.header().map(PartitionCheckpoint.Header::partitions).orElse(List.of());
    }

    private void follow(PartitionSet plan, Predicate<String> concerns) {
        report.replayed(changeFollow().run(plan, concerns, ChangeFollow.Watcher.NONE));
    }

    private ChangeFollow changeFollow() {
        ChangesClient origin = Objects.requireNonNull(changes, "a job with an origin needs a ChangesClient");
        return new ChangeFollow(
                job, cache, origin, packuments, state, tally, guard, listener, lagWait, deletions, filter);
    }

    private PackumentFetch fetch() {
        return new PackumentFetch(job, cache, packuments, fetched, state, filter, tally, guard, listener);
    }

    /** After a reset no feed tells of deletions: names that are stored but listed no more are asked for, so that what became of them is recorded. */
    private void askForVanished(StoredNames names) {
        if (deletedPolicy == DeletionPolicy.KEEP) {
            return;
        }
        NameHashes listed = NameHashes.of(names);
        CacheKey.Kind kind = job.form() == SyncForm.ABBREVIATED ? CacheKey.Kind.ABBREVIATED : CacheKey.Kind.PACKUMENT;
        try (Stream<String> keys = cache.keys(CacheKey.prefix(kind, job.registry()))) {
            Iterator<String> vanished = keys.flatMap(key -> CacheKey.parse(key).packageName().stream())
                    .filter(name -> job.range().contains(name) && filter.allows(name) && !listed.contains(name))
                    .iterator();
            packuments.requestAll(
                    () -> vanished,
                    RequestOptions.of(CacheMode.NO_CACHE),
                    result -> {
                        guard.succeeded();
                        PackumentFetch.count(tally, result);
                        deletions.answered(result);
                    },
                    (name, failure) -> {
                        tally.fail(name, Failures.message(failure));
                        guard.failed(failure);
                    });
        }
    }

    private PartitionClient origin() {
        return Objects.requireNonNull(partitions, "a job with an origin needs a PartitionClient");
    }

    /** What a run is made of. Everything given is shared and not closed. Not thread-safe. */
    public static final class Builder {
        private @Nullable SyncJob job;
        private @Nullable Cache cache;
        private @Nullable Cache checkpoints;
        private @Nullable PartitionClient partitions;
        private @Nullable ChangesClient changes;
        private @Nullable PackumentClient packuments;
        private SyncListener listener = SyncListener.NONE;
        private NameFilter filter = NameFilter.ALL;
        private boolean force;
        private Duration lagWait = Duration.ofSeconds(10);
        private DeletionPolicy deletedPolicy = DeletionPolicy.MARK;
        private int failuresInARow = 50;
        private Supplier<CountingTransport.Counts> wire = () -> new CountingTransport.Counts(0, 0, 0, 0, 0);

        private Builder() {}

        /** What is to be fetched. */
        public Builder job(SyncJob value) {
            job = value;
            return this;
        }

        /** Where it is stored. */
        public Builder cache(Cache value) {
            cache = value;
            return this;
        }

        /** Where the job's own memory is, with a driver that is consistent after a write. Default: the cache itself, which must be so then. */
        public Builder checkpoints(Cache value) {
            checkpoints = value;
            return this;
        }

        /** Brings the names; on the cache for checkpoints. */
        public Builder partitions(PartitionClient value) {
            partitions = value;
            return this;
        }

        /** Brings the changes. */
        public Builder changes(ChangesClient value) {
            changes = value;
            return this;
        }

        /** Brings the packuments, in the job's form; on the same cache. */
        public Builder packuments(PackumentClient value) {
            packuments = value;
            return this;
        }

        /** Default: none is shown. */
        public Builder listener(SyncListener value) {
            listener = value;
            return this;
        }

        /** Of which names packuments are fetched; a run with another filter than the last brings what is newly allowed. Default: all. */
        public Builder filter(NameFilter value) {
            filter = value;
            return this;
        }

        /** Whether everything is loaded anew. Default: false. */
        public Builder force(boolean value) {
            force = value;
            return this;
        }

        /** Pause before a name is asked for again that lags behind the feed; grows with each round. Default: 10 s. */
        public Builder lagWait(Duration value) {
            lagWait = value;
            return this;
        }

        /** What becomes of names that the origin deleted. Default: {@link DeletionPolicy#MARK}. */
        public Builder deleted(DeletionPolicy value) {
            deletedPolicy = value;
            return this;
        }

        /** Failed requests, each retried by its client, without a success between them that end the run. Default: 50. */
        public Builder failuresInARow(int value) {
            failuresInARow = value;
            return this;
        }

        /** What the clients' requests are counted by. Default: nothing is counted. */
        public Builder wire(CountingTransport value) {
            wire = value::counts;
            return this;
        }

        /** Reads what the job left in the cache. */
        public Bootstrap build() {
            return new Bootstrap(this);
        }
    }
}
