package io.alldocs.worker;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import io.alldocs.worker.spi.WorkQueueProvider;
import java.util.Set;
import java.util.function.Supplier;

/** Provides the queue {@code local}; {@code QUEUE_DURABLE=true} stores it in the worker's store. */
public final class LocalWorkQueueProvider implements WorkQueueProvider {

    /** Creates a provider; called by ServiceLoader. */
    public LocalWorkQueueProvider() {}

    @Override
    public String name() {
        return LocalWorkQueue.NAME;
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("jvm", "fastly", "cloudrun");
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    /**
     * Creates a queue for this process.
     *
     * @throws IllegalArgumentException if {@code QUEUE_DURABLE} is neither true nor false, or the store cannot hold a
     *     queue
     */
    @Override
    public WorkQueue create(Env env, QueueOptions options, Supplier<StorageDriver> storage) {
        LocalWorkQueue.Builder builder = LocalWorkQueue.builder().options(options);
        if (Variables.flag(env, "QUEUE_DURABLE")) {
            builder.store(storage.get());
        }
        return builder.build();
    }
}
