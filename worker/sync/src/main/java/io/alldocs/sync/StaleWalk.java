package io.alldocs.sync;

import io.alldocs.cache.CacheMode;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionResult;
import io.alldocs.partition.PartitionSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Walks the partitions again whose names changed since their pages were stored. Until a walk has ended its partition stays complete as it was, and
 * stale; then its names are due to be counted again.
 */
final class StaleWalk {
    private final PartitionClient client;
    private final PartitionCheckpoint walk;
    private final PartitionCheckpoint fetched;
    private final RunState state;
    private final Consumer<PartitionResult> pages;
    private final Tally tally;
    private final OutageGuard guard;
    private final SyncListener listener;
    private final Map<Partition, Integer> stale = new HashMap<>();
    private final Map<Partition, Sums> sums = new HashMap<>();

    /** What the pages of one walk add up to; under the names that a checkpointed walk records them by. */
    private record Sums(long rows, long designDocuments, long pages) {
        Sums plus(PartitionResult page) {
            return new Sums(rows + page.rows(), designDocuments + page.designDocuments(), pages + 1);
        }

        Map<String, Object> details() {
            return new TreeMap<>(Map.of("rows", rows, "designDocuments", designDocuments, "pages", pages));
        }
    }

    StaleWalk(
            PartitionClient client,
            PartitionSet plan,
            PartitionCheckpoint walk,
            PartitionCheckpoint fetched,
            RunState state,
            Consumer<PartitionResult> pages,
            Tally tally,
            OutageGuard guard,
            SyncListener listener) {
        this.client = client;
        this.walk = walk;
        this.fetched = fetched;
        this.state = state;
        this.pages = pages;
        this.tally = tally;
        this.guard = guard;
        this.listener = listener;
        state.stale().forEach(index -> stale.put(plan.get(index), index));
    }

    void run() {
        listener.phaseStarted(SyncPhase.LIST, 0);
        client.requestAll(List.copyOf(stale.keySet()), RequestOptions.of(CacheMode.RELOAD), this::walked, this::failed);
    }

    private void walked(PartitionResult page) {
        pages.accept(page);
        Sums sum = sums.getOrDefault(page.walk(), new Sums(0, 0, 0)).plus(page);
        sums.put(page.walk(), sum);
        if (page.last()) {
            int index = Objects.requireNonNull(stale.get(page.walk()));
            walk.markComplete(index, sum.details());
            fetched.markPending(index, Map.of());
            state.walkedAgain(index);
        }
    }

    private void failed(Partition partition, RuntimeException failure) {
        tally.fail("partition " + partition, Failures.message(failure));
        guard.failed(failure);
    }
}
