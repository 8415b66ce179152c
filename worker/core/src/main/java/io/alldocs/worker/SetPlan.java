package io.alldocs.worker;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.PartitionCheckpoint.Header;
import io.alldocs.cache.PartitionCheckpoint.State;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A set of partitions that workers go through, and its progress: one checkpoint for the names, another of the same plan for the packuments.
 *
 * @param set its name
 * @param names what is walked
 * @param packuments what is fetched
 * @param header of {@code names}
 */
record SetPlan(String set, PartitionCheckpoint names, PartitionCheckpoint packuments, Header header) {
    /** So that the keys of its records fit every store that can hold checkpoints. */
    static final int MAX_NAME_BYTES = 128;

    private static final String PACKUMENTS = "-packuments";

    static String requireName(String set) {
        if (set.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("The name of a set has at most " + MAX_NAME_BYTES + " bytes.");
        }
        return set;
    }

    static PartitionCheckpoint names(WorkContext context, String set) {
        return new PartitionCheckpoint(context.checkpoints(), set);
    }

    static PartitionCheckpoint packuments(WorkContext context, String set) {
        return new PartitionCheckpoint(context.checkpoints(), set + PACKUMENTS);
    }

    /** The plan in force for a run; empty when the set has been planned anew since, or cleared. */
    static Optional<SetPlan> find(WorkContext context, String set, String run) {
        PartitionCheckpoint names = names(context, set);
        PartitionCheckpoint packuments = packuments(context, set);
        packuments.header();
        return names.header()
                .filter(header -> header.runId().equals(run))
                .map(header -> new SetPlan(set, names, packuments, header));
    }

    Partition partition(int index) {
        return Partition.of(header.partitions().get(index));
    }

    boolean isWalked(int index) {
        return names.record(index).state() == State.COMPLETE;
    }

    boolean isFetched(int index) {
        return packuments.record(index).state() == State.COMPLETE;
    }

    String id(String type, int index) {
        return type + ':' + set + ':' + header.runId() + ':' + index;
    }

    /** A fleet whose workers ask different origins would mix them up. */
    static void requireOrigin(PartitionClient client, Optional<String> asked) {
        asked.filter(origin -> !CacheKey.originPart(URI.create(origin)).equals(CacheKey.originPart(client.origin())))
                .ifPresent(origin -> {
                    throw new IllegalArgumentException("The item is about " + CacheKey.originPart(URI.create(origin))
                            + ", this worker asks " + CacheKey.originPart(client.origin())
                            + ". Set NPM_ORIGIN for all workers of the queue alike.");
                });
    }
}
