package io.alldocs.sync;

import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import java.util.List;

/** The names that a finished walk has stored. */
final class StoredNames implements NameSource {
    private final PartitionClient client;
    private final PartitionCheckpoint walk;
    private final List<Partition> partitions;

    StoredNames(PartitionClient client, PartitionCheckpoint walk, List<Partition> partitions) {
        this.client = client;
        this.walk = walk;
        this.partitions = partitions;
    }

    @Override
    public List<Partition> partitions() {
        return partitions;
    }

    @Override
    public long size(int index) {
        return Numbers.longValue(walk.record(index).details().get("rows"));
    }

    @Override
    public Rows rows() {
        return new PageRows(client.rows(walk));
    }
}
