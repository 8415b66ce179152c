package io.alldocs.worker.internal.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.partition.Partition;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.internal.Json;
import io.alldocs.worker.internal.context.ItemContext;
import java.util.List;
import java.util.Optional;

/**
 * Handles sets planned by the first version. They consist of a checkpoint with the set's name, and of items of types
 * {@code partition} and {@code packument} that refer to it. Such an item enqueues the set's {@code partition-set}
 * again, which covers the same range. Stored data is not fetched again.
 */
final class EarlierSets {
    private EarlierSets() {}

    static void resume(String set, boolean packuments, int priority, ItemContext context) {
        range(set, context).ifPresent(range -> {
            ObjectNode payload = Json.MAPPER.createObjectNode().put("set", set).put("packuments", packuments);
            range.start().ifPresent(start -> payload.put("start", start));
            range.end().ifPresent(end -> payload.put("end", end));
            context.enqueue(
                    List.of(WorkItem.of(PartitionSetProcessor.TYPE, PartitionSetProcessor.TYPE + ':' + set, payload)
                            .withPriority(priority)));
        });
    }

    /** Returns the set's range; empty when the set's plan was cleared, so that nothing can be resumed. */
    private static Optional<Partition> range(String set, ItemContext context) {
        return new PartitionCheckpoint(context.checkpoints(), set).header().map(header -> {
            List<CacheKey> partitions = header.partitions();
            Partition first = Partition.of(partitions.get(0));
            Partition last = Partition.of(partitions.get(partitions.size() - 1));
            return Partition.of(first.start().orElse(null), last.end().orElse(null));
        });
    }
}
