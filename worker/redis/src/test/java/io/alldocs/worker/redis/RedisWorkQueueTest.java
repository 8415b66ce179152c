package io.alldocs.worker.redis;

import io.alldocs.worker.contract.WorkQueueContract;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on a real server. */
class RedisWorkQueueTest extends WorkQueueContract {
    @TempDir
    private static Path folder;

    private static RedisProcess redis;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start(folder);
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @Override
    protected WorkQueue newQueue(QueueOptions options) {
        return RedisWorkQueue.builder(redis.url()).options(options).build();
    }

    @Override
    protected WorkQueue another(WorkQueue queue) {
        return newQueue(queue.options());
    }

    @Override
    protected void clear() {
        redis.forgetAll();
    }

    @Override
    protected boolean outlivesClose() {
        return true;
    }
}
