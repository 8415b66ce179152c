package io.alldocs.worker.spi;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Service provider interface of a work queue, found by ServiceLoader. Implementations need a public no-argument
 * constructor and must be cheap to create.
 */
public interface WorkQueueProvider {

    /** The SPI version of this library. */
    int SPI_VERSION = 1;

    /** Returns the value of {@code QUEUE_DRIVER} that selects this queue. */
    String name();

    /** Returns the runtimes this queue is the default for; empty for a queue that is selected by name only. */
    Set<String> runtimes();

    /**
     * Returns the {@link #SPI_VERSION} the implementation was compiled against; implementations return the constant.
     */
    int spiVersion();

    /**
     * Creates a queue configured by the environment.
     *
     * @param options the options read by {@link QueueOptions#of}
     * @param storage the worker's own store, for a queue that keeps its items there. It is created on the first call,
     *     and the queue must not close it
     * @throws IllegalArgumentException if a variable is missing or invalid; the message names it
     * @throws QueueException if the queue's server is unreachable
     */
    WorkQueue create(Env env, QueueOptions options, Supplier<StorageDriver> storage);
}
