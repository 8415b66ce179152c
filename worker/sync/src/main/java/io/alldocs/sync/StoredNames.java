package io.alldocs.sync;

import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionSet;
import java.util.List;

/** The names that a finished listing has stored. */
final class StoredNames implements NameSource {
    private final PartitionClient client;
    private final PartitionCheckpoint listed;
    private final List<Partition> partitions;

    StoredNames(SyncContext context, PartitionSet plan) {
        this.client = context.partitions();
        this.listed = context.listed();
        this.partitions = plan.partitions();
    }

    @Override
    public List<Partition> partitions() {
        return partitions;
    }

    @Override
    public long size(int index) {
        return Numbers.longValue(listed.record(index).details().get("rows"));
    }

    @Override
    public Rows rows() {
        return new PageRows(client.rows(listed));
    }
}
