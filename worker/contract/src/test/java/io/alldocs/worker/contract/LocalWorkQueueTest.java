package io.alldocs.worker.contract;

import io.alldocs.worker.LocalWorkQueue;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Runs the contract against the local queue in memory, with a clock that the tests set. */
class LocalWorkQueueTest extends WorkQueueContract {
    private final ManualClock clock = new ManualClock();

    @Override
    protected WorkQueue newQueue(QueueOptions options) {
        return LocalWorkQueue.builder().options(options).clock(clock).build();
    }

    @Override
    protected WorkQueue another(WorkQueue queue) {
        return queue;
    }

    @Override
    protected void clear() {}

    @Override
    protected boolean outlivesClose() {
        return false;
    }

    @Override
    protected Optional<Consumer<Duration>> clock() {
        return Optional.of(clock::advance);
    }
}
