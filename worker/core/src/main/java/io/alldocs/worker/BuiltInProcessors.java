package io.alldocs.worker;

import java.util.ArrayList;
import java.util.List;

/** The processors that every worker has. */
final class BuiltInProcessors {
    private BuiltInProcessors() {}

    static List<ItemProcessor> all() {
        List<ItemProcessor> all = new ArrayList<>(StepProcessors.all());
        all.addAll(List.of(
                new PartitionSetProcessor(),
                new CoordinatorProcessor(),
                new PartitionProcessor(),
                new PackumentProcessor()));
        return all;
    }
}
