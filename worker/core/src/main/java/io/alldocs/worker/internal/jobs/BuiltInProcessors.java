package io.alldocs.worker.internal.jobs;

import io.alldocs.worker.internal.context.ItemProcessor;
import java.util.ArrayList;
import java.util.List;

/** The processors that every worker has. */
public final class BuiltInProcessors {
    private BuiltInProcessors() {}

    public static List<ItemProcessor> all() {
        List<ItemProcessor> all = new ArrayList<>(StepProcessors.all());
        all.addAll(List.of(
                new PartitionSetProcessor(),
                new CoordinatorProcessor(),
                new PartitionProcessor(),
                new PackumentProcessor()));
        return all;
    }
}
