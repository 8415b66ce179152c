package io.alldocs.sync;

import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionSet;
import java.util.List;

/** The names that a finished listing has stored. Its rows throw {@link UnlistedException} if pages are lost. */
final class StoredNames implements NameSource {
    private final SyncContext context;
    private final PartitionCheckpoint listed;
    private final List<Partition> partitions;

    StoredNames(SyncContext context, PartitionSet plan) {
        this.context = context;
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
        return new PageRows(context.partitions().rows(listed), new LostPages(context)::failure);
    }
}
