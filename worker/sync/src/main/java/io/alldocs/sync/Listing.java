package io.alldocs.sync;

import io.alldocs.cache.CacheMode;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionResult;
import io.alldocs.partition.PartitionSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The step "list": stores the pages of partitions. */
final class Listing {
    private static final RequestOptions RELOAD = RequestOptions.of(CacheMode.RELOAD);

    private final SyncContext context;
    private final PartitionCheckpoint listed;
    private @Nullable RuntimeException lastFailure;

    Listing(SyncContext context) {
        this.context = context;
        this.listed = context.listed();
    }

    /** Lists the partitions that are not listed yet. */
    void run(ResultBuilder result) {
        if (unlisted().isEmpty()) {
            return;
        }
        result.before(context.partitions().info());
        context.listener().phaseStarted(SyncPhase.LIST, 0);
        context.partitions().requestAll(listed, RELOAD, this::stored, this::failed);
        result.after(context.partitions().info());
        requireListed();
    }

    /** Lists one partition, unless it is listed and not stale. */
    void run(int index) {
        boolean isStale = context.records().progress().stale().contains(index);
        if (isStale && SyncContext.isComplete(listed, index)) {
            Partition partition = Partition.of(SyncContext.partitionsOf(listed).get(index));
            relist(Map.of(partition, index));
            RuntimeException failure = lastFailure;
            if (failure != null) {
                throw failure;
            }
        } else {
            context.partitions().request(listed, index, RELOAD, this::stored);
            context.records().progress().listedAgain(index);
        }
    }

    /**
     * Lists the partitions again whose names have changed since. Until a listing has ended, its partition remains
     * complete and stale. Afterwards its names must be counted again.
     */
    void relistStale(PartitionSet plan) {
        Map<Partition, Integer> stale = new HashMap<>();
        context.records().progress().stale().forEach(index -> stale.put(plan.get(index), index));
        context.listener().phaseStarted(SyncPhase.LIST, 0);
        relist(stale);
    }

    private void relist(Map<Partition, Integer> stale) {
        PartitionCheckpoint fetched = context.fetched();
        Map<Partition, Sums> sums = new HashMap<>();
        context.partitions()
                .requestAll(
                        List.copyOf(stale.keySet()),
                        RELOAD,
                        page -> {
                            stored(page);
                            Sums sum = sums.merge(page.walk(), Sums.of(page), Sums::plus);
                            if (page.last()) {
                                int index = Objects.requireNonNull(stale.get(page.walk()));
                                listed.markComplete(index, sum.details());
                                fetched.markPending(index, Map.of());
                                context.records().progress().listedAgain(index);
                            }
                        },
                        this::failed);
    }

    /** The totals of the pages of one partition, under the names that a checkpointed listing uses in its records. */
    private record Sums(long rows, long designDocuments, long pages) {
        static Sums of(PartitionResult page) {
            return new Sums(page.rows(), page.designDocuments(), 1);
        }

        Sums plus(Sums more) {
            return new Sums(rows + more.rows, designDocuments + more.designDocuments, pages + more.pages);
        }

        Map<String, Object> details() {
            return new TreeMap<>(Map.of("rows", rows, "designDocuments", designDocuments, "pages", pages));
        }
    }

    private void stored(PartitionResult page) {
        context.guard().succeeded();
        context.tally().page(page);
        context.listener().progressed(page.rows());
        if (context.checkpoints() != context.cache()) {
            context.cache()
                    .set(page.partition().key(context.partitions().origin()).toString(), page.entry());
        }
    }

    private void failed(Partition partition, RuntimeException failure) {
        lastFailure = failure;
        context.tally().fail("partition " + partition, failure);
        context.listener().failed("partition " + partition, failure);
        context.guard().failed(failure);
    }

    /**
     * Checks that all partitions are listed. A fetch based on a partial list of names could wrongly report the job as
     * complete.
     */
    private void requireListed() {
        int missing = unlisted().size();
        int total = SyncContext.partitionsOf(listed).size();
        RuntimeException failure = lastFailure;
        if (missing == total && failure != null) {
            throw failure;
        }
        if (missing > 0) {
            throw new UnlistedException(missing, total, context.tally().failures());
        }
    }

    /**
     * Returns the partitions without a record in the plan. It uses the plan's records because a listing of the cache,
     * as in getProgress, takes minutes with millions of stored packuments.
     */
    List<Integer> unlisted() {
        return IntStream.range(0, SyncContext.partitionsOf(listed).size())
                .filter(index -> !SyncContext.isComplete(listed, index))
                .boxed()
                .toList();
    }
}
