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
 * What the steps of a job work with.
 *
 * @param job what is wanted
 * @param cache where entries are stored
 * @param checkpoints where the job's records are
 * @param partitions lists the names, into the cache for checkpoints
 * @param changes reads the feed
 * @param packuments fetches the packuments, in the job's form
 * @param listener is told of everything
 * @param records what the job remembers
 * @param tally counts what this process does
 * @param guard ends a run whose registry is away
 * @param wire what went over the wire
 * @param lagWait before the first retry of a name that lags behind the feed
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

    /** Which partitions are listed. */
    PartitionCheckpoint listed() {
        return new PartitionCheckpoint(checkpoints, job.id() + "-names");
    }

    /** Which partitions have an outcome for every name. */
    PartitionCheckpoint fetched() {
        return new PartitionCheckpoint(checkpoints, job.id() + "-packuments");
    }

    /** Where the cache keeps {@code name}. */
    CacheKey key(String name) {
        return job.form().key(job.registry(), name);
    }

    /** Of all keys in the job's form. */
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
