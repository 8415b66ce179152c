package io.alldocs.sync;

import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.packument.Outcome;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Finds the partitions that have outcomes which the next run must request again, and marks them as not fetched. A
 * partition that is fetched again costs one read of metadata for each of its names. It costs one request for each name
 * whose outcome is open.
 */
final class OpenOutcomes {
    /** Labels in a partition's record that need no further request, whichever version recorded them. */
    private static final Set<String> SETTLED = Set.of(
            "rows",
            PackumentFetch.label(Outcome.OK),
            PackumentFetch.DENIED,
            PackumentFetch.OTHER_REGISTRY,
            PackumentFetch.UNASKABLE);

    private final PartitionCheckpoint fetched;

    /** @param fetched the checkpoint that records which partitions have an outcome for every name */
    OpenOutcomes(PartitionCheckpoint fetched) {
        this.fetched = fetched;
    }

    /** Returns whether a partition is not fetched, has malformed names, or has a damaged record. */
    boolean exist() {
        return partitions()
                .anyMatch(index -> completed(index)
                        .filter(details -> !details.containsKey(SyncResult.MALFORMED))
                        .isEmpty());
    }

    /** Marks the partitions with malformed names as not fetched. */
    void reopen() {
        reopen(details -> details.containsKey(SyncResult.MALFORMED));
    }

    /**
     * Marks the partitions with an outcome other than OK as not fetched. Earlier versions recorded outcomes that the
     * registry had not decided.
     */
    void reopenOfEarlierVersion() {
        reopen(details -> !SETTLED.containsAll(details.keySet()));
    }

    private void reopen(Predicate<Map<String, Object>> isOpen) {
        partitions()
                .filter(index -> completed(index).filter(isOpen).isPresent())
                .forEach(index -> fetched.markPending(index, Map.of()));
    }

    private IntStream partitions() {
        try {
            return IntStream.range(0, SyncContext.partitionsOf(fetched).size());
        } catch (IntegrityException e) {
            return IntStream.empty(); // a damaged plan is computed again
        }
    }

    /** Returns the details of a fetched partition; empty if it is not fetched, or its record is damaged. */
    private Optional<Map<String, Object>> completed(int index) {
        try {
            PartitionCheckpoint.Record record = fetched.record(index);
            return record.state() == PartitionCheckpoint.State.COMPLETE
                    ? Optional.of(record.details())
                    : Optional.empty();
        } catch (IntegrityException e) {
            return Optional.empty();
        }
    }
}
