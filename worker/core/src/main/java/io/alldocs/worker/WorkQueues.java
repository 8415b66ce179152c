package io.alldocs.worker;

import io.alldocs.cache.Env;
import io.alldocs.cache.spi.ServiceProviders;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import io.alldocs.worker.spi.WorkQueueProvider;
import java.util.Map;
import java.util.function.Supplier;

/** Finds work queues on the class path (ServiceLoader). */
public final class WorkQueues {
    /** Which of our artifacts a queue or a runtime's queue is in, where it is not of that name. */
    private static final Map<String, String> ARTIFACTS = Map.of(
            LocalWorkQueue.NAME,
            "all-docs-worker",
            "jvm",
            "all-docs-worker",
            "redis",
            "all-docs-worker-redis",
            "durable-object",
            "all-docs-worker-cloudflare",
            "cloudflare",
            "all-docs-worker-cloudflare",
            "fastly",
            "all-docs-worker-fastly",
            "cloudrun",
            "all-docs-worker-cloudrun");

    static final ServiceProviders.Kind<WorkQueueProvider> KIND = new ServiceProviders.Kind<>(
            WorkQueueProvider.class,
            "work queue",
            "QUEUE_DRIVER",
            WorkQueueProvider::name,
            WorkQueueProvider::runtimes,
            WorkQueueProvider::spiVersion,
            WorkQueueProvider.SPI_VERSION,
            ARTIFACTS);

    private WorkQueues() {}

    /**
     * The queue named by {@code QUEUE_DRIVER}, else the one for {@code RUNTIME} (default jvm; node is an alias), with
     * {@link QueueOptions#of the options of the environment}.
     *
     * @param storage for a queue that keeps its items in a store; asked at most once, not closed by the queue
     * @throws IllegalStateException when none or two match or one speaks another SPI version; says what was found and
     *     which artifact to add
     * @throws IllegalArgumentException naming the variable, when one is missing or wrong
     * @throws io.alldocs.worker.spi.QueueException when the queue's server cannot be reached
     */
    public static WorkQueue create(Env env, Supplier<StorageDriver> storage) {
        return ServiceProviders.find(KIND).select(env).create(env, QueueOptions.of(env), storage);
    }
}
