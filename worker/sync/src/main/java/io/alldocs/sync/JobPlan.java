package io.alldocs.sync;

import io.alldocs.partition.PartitionSet;
import java.util.List;
import java.util.Set;

/**
 * The partitions of a job, and the remaining work for each.
 *
 * @param run identity of the baseline; another one means that everything is listed and fetched again
 * @param partitions in order of their names; a list of names is one partition
 * @param unlisted indices of partitions that are to be listed
 * @param unfetched indices of partitions in which names have no outcome yet
 * @param stale indices of partitions that changed since they were listed
 */
public record JobPlan(
        String run, PartitionSet partitions, List<Integer> unlisted, List<Integer> unfetched, Set<Integer> stale) {
    /** Copies the lists. */
    public JobPlan {
        unlisted = List.copyOf(unlisted);
        unfetched = List.copyOf(unfetched);
        stale = Set.copyOf(stale);
    }
}
