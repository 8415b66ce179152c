package io.alldocs.worker;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.spi.ServiceProviders;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import io.alldocs.worker.spi.WorkQueueProvider;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/** Finds work queues on the class path (ServiceLoader). */
public final class WorkQueues {
    /** The artifact of each queue or runtime queue whose artifact has a different name. */
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
     * Creates the queue named by {@code QUEUE_DRIVER}, or otherwise the default queue for {@code RUNTIME} (default jvm;
     * node is an alias), with {@link QueueOptions#of the options of the environment}.
     *
     * @param storage supplies the store for a queue that keeps its items in one; called at most once, and not closed by
     *     the queue
     * @throws IllegalStateException if no queue or more than one queue matches, or one has another SPI version. The
     *     message lists what was found and names the artifact to add
     * @throws IllegalArgumentException if a variable is missing or invalid; the message names it
     * @throws io.alldocs.worker.spi.QueueException if the queue's server is unreachable
     */
    public static WorkQueue create(Env env, Supplier<StorageDriver> storage) {
        return ServiceProviders.find(KIND, ServiceLoader.load(WorkQueueProvider.class))
                .select(env)
                .create(env, QueueOptions.of(env), storage);
    }
}
