package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.PartitionClient;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * The resources that the steps of a job use.
 *
 * @param job the job
 * @param cache where entries are stored
 * @param checkpoints where the job's records are stored
 * @param partitions lists the names into the cache for checkpoints
 * @param changes reads the feed
 * @param packuments fetches the packuments in the job's form
 * @param listener receives every event
 * @param records the job's records
 * @param tally counts the work of this process
 * @param guard ends a run whose registry is unavailable
 * @param wire counts the network traffic
 * @param lagWait wait before the first retry of a name that lags behind the feed
 */
record SyncContext(
        SyncJob job,
        Cache cache,
        Cache checkpoints,
        PartitionClient partitions,
        ChangesClient changes,
        PackumentClient packuments,
        SyncListener listener,
        JobRecords records,
        Tally tally,
        OutageGuard guard,
        Supplier<WireCounts> wire,
        Duration lagWait) {

    /** Returns the checkpoint that records which partitions are listed. */
    PartitionCheckpoint listed() {
        return new PartitionCheckpoint(checkpoints, job.id() + "-names");
    }

    /** Returns the checkpoint that records which partitions have an outcome for every name. */
    PartitionCheckpoint fetched() {
        return JobRecords.fetched(checkpoints, job.id());
    }

    /** Returns the cache key of {@code name}. */
    CacheKey key(String name) {
        return job.form().key(job.registry(), name);
    }

    /** Returns the prefix of all keys in the job's form. */
    String keyPrefix() {
        CacheKey.Kind kind = job.form() == SyncForm.ABBREVIATED ? CacheKey.Kind.ABBREVIATED : CacheKey.Kind.PACKUMENT;
        return CacheKey.prefix(kind, job.registry());
    }

    static boolean isComplete(PartitionCheckpoint checkpoint, int index) {
        return checkpoint.record(index).state() == PartitionCheckpoint.State.COMPLETE;
    }

    static List<CacheKey> partitionsOf(PartitionCheckpoint checkpoint) {
        return checkpoint.header().map(PartitionCheckpoint.Header::partitions).orElse(List.of());
    }
}
