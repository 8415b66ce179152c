package io.alldocs.worker.spi;

import io.alldocs.cache.Env;
import io.alldocs.cache.spi.StorageDriver;
import java.util.Set;
import java.util.function.Supplier;

/** How ServiceLoader finds a work queue. Public no-argument constructor; cheap to make. */
public interface WorkQueueProvider {

    /** The SPI version this library speaks. */
    int SPI_VERSION = 1;

    /** What {@code QUEUE_DRIVER} calls it. */
    String name();

    /** Runtimes it is the default of; empty for queues chosen by name only. */
    Set<String> runtimes();

    /** The {@link #SPI_VERSION} it was compiled against; implementations return the constant. */
    int spiVersion();

    /**
     * A queue as the environment says.
     *
     * @param options as {@link QueueOptions#of} reads them from the environment
     * @param storage the worker's own store, for a queue that keeps its items there; made at the first call, not the
     *     queue's to close
     * @throws IllegalArgumentException naming the variable, when one is missing or wrong
     * @throws QueueException when the queue's server cannot be reached
     */
    WorkQueue create(Env env, QueueOptions options, Supplier<StorageDriver> storage);
}
