package io.alldocs.worker;

import java.util.List;

/** What every worker can do. */
final class BuiltInProcessors {
    private BuiltInProcessors() {}

    static List<Processor> all() {
        return List.of(new PartitionSetProcessor(), new PartitionProcessor(), new PackumentProcessor());
    }
}
