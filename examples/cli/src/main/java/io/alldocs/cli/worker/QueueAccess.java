package io.alldocs.cli.worker;

import io.alldocs.cache.Cache;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cli.Environment;
import io.alldocs.cli.Errors;
import io.alldocs.cli.UsageException;
import io.alldocs.worker.WorkQueues;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.WorkQueue;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens the queue that the environment names, for a command that is not a worker. Opens a cache only if the queue
 * stores its items there. Not thread-safe.
 */
final class QueueAccess implements AutoCloseable {
    private static final String LOCAL = "local";

    private final Supplier<Cache> open;
    private final WorkQueue queue;
    private @Nullable Cache cache;

    /**
     * Opens the queue.
     *
     * @param open opens the cache, which is closed with this object
     * @throws UsageException if the queue cannot be used, or exists only in the process of its worker
     */
    QueueAccess(Map<String, String> environment, Supplier<Cache> open) {
        this.open = open;
        refuseQueueOfOneProcess(environment);
        try {
            this.queue =
                    UsageException.unlessUsable(() -> WorkQueues.create(Environment.of(environment), this::storage));
        } catch (QueueException e) {
            closeCache();
            throw new UsageException(Errors.message(e), e);
        } catch (RuntimeException e) {
            closeCache();
            throw e;
        }
    }

    WorkQueue queue() {
        return queue;
    }

    private StorageDriver storage() {
        Cache opened = open.get();
        cache = opened;
        return opened.driver();
    }

    /** Rejects a local queue that is not stored, because it and its items exist only in one process. */
    private static void refuseQueueOfOneProcess(Map<String, String> environment) {
        String queue = environment.getOrDefault("QUEUE_DRIVER", LOCAL).trim();
        boolean isKept = environment.getOrDefault("QUEUE_DURABLE", "false").equals("true");
        UsageException.refuse(
                queue.equals(LOCAL) && !isKept,
                "The local queue is part of the worker's process, and no other process can reach it. Set"
                        + " QUEUE_DRIVER=redis and REDIS_URL, for this command and for the workers. Or use the page"
                        + " and the HTTP requests of the running worker, such as POST /work and GET /queue/dead");
    }

    private void closeCache() {
        if (cache != null) {
            cache.close();
        }
    }

    @Override
    public void close() {
        try {
            queue.close();
        } finally {
            closeCache();
        }
    }
}
