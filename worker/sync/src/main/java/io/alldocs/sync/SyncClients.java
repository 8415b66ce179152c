package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.packument.NameFilter;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.PartitionClient;

/**
 * What works on a job.
 *
 * @param job what is wanted
 * @param filter of which names packuments are wanted
 * @param cache where entries are stored
 * @param checkpoints where the job's own state is: the same cache, unless its store may answer with old values after a write
 * @param partitions lists the names, into the cache for checkpoints
 * @param changes reads the feed
 * @param packuments fetches the packuments, in the job's form
 * @param wire counts what all of them send and receive
 */
public record SyncClients(
        SyncJob job,
        NameFilter filter,
        Cache cache,
        Cache checkpoints,
        PartitionClient partitions,
        ChangesClient changes,
        PackumentClient packuments,
        CountingTransport wire) {}
