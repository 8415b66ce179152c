package io.alldocs.worker.contract;

import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.worker.LocalWorkQueue;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import java.util.List;
import java.util.stream.Stream;

/** Runs the contract against the local queue with a store and the system clock. */
class DurableWorkQueueTest extends WorkQueueContract {
    private final MemoryStorageDriver store = new MemoryStorageDriver();

    @Override
    protected WorkQueue newQueue(QueueOptions options) {
        return LocalWorkQueue.builder().options(options).store(store).build();
    }

    @Override
    protected WorkQueue another(WorkQueue queue) {
        return queue;
    }

    @Override
    protected void clear() {
        List<String> keys;
        try (Stream<String> all = store.list("", null)) {
            keys = all.toList();
        }
        store.deleteBatch(keys);
    }

    @Override
    protected boolean outlivesClose() {
        return true;
    }
}
