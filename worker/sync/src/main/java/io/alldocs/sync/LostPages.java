package io.alldocs.sync;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.NotCachedException;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionRows;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Finds listed partitions whose stored pages cannot be read, because files were deleted or damaged. Such a partition
 * counts as neither listed nor fetched from then on, so that the next listing stores its pages again.
 */
final class LostPages {
    private final SyncContext context;
    private final PartitionCheckpoint listed;

    LostPages(SyncContext context) {
        this.context = context;
        this.listed = context.listed();
    }

    /** Reads the stored pages of every listed partition, and returns how many partitions must be listed again. */
    int reopen() {
        List<CacheKey> partitions = SyncContext.partitionsOf(listed);
        return reopen(
                IntStream.range(0, partitions.size()).filter(index -> SyncContext.isComplete(listed, index)),
                index -> !isReadable(Partition.of(partitions.get(index))));
    }

    /** Does the same as {@link #reopen()} after a read of stored names failed, and returns the failure to throw. */
    UnlistedException failure(RuntimeException cause) {
        return new UnlistedException(reopen(), cause);
    }

    /**
     * Does the same as {@link #failure(RuntimeException)} for one partition, unless another process has listed it
     * again.
     *
     * @param listing the record of the listing whose pages could not be read
     */
    UnlistedException failure(int partition, PartitionCheckpoint.Record listing, RuntimeException cause) {
        int reopened = reopen(
                IntStream.of(partition), index -> listed.record(index).at().equals(listing.at()));
        return new UnlistedException(reopened, cause);
    }

    private int reopen(IntStream partitions, IntPredicate isLost) {
        int[] lost = partitions.filter(isLost).toArray();
        for (int index : lost) {
            listed.markPending(index, Map.of());
            context.fetched().markPending(index, Map.of());
        }
        return lost.length;
    }

    private boolean isReadable(Partition partition) {
        try (PartitionRows rows = context.partitions().rows(partition, RequestOptions.of(CacheMode.ONLY_IF_CACHED))) {
            rows.forEachRemaining(row -> {});
            return true;
        } catch (NotCachedException | IntegrityException e) {
            return false;
        }
    }
}
