package io.alldocs.worker.cloudflare;

import io.alldocs.worker.contract.WorkQueueContract;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/** The contract against a server that answers as the Worker does. */
@Timeout(120)
class DurableObjectQueueTest extends WorkQueueContract {
    private static FakeQueueWorker fake;

    @BeforeAll
    static void start() throws IOException {
        fake = new FakeQueueWorker();
    }

    @AfterAll
    static void stop() {
        fake.close();
    }

    @Override
    protected WorkQueue newQueue(QueueOptions options) {
        fake.serving(options);
        return DurableObjectQueue.builder(fake.endpoint(), FakeQueueWorker.TOKEN)
                .options(options)
                .build();
    }

    @Override
    protected WorkQueue another(WorkQueue queue) {
        return newQueue(queue.options());
    }

    @Override
    protected void clear() {
        fake.clear();
    }

    @Override
    protected boolean outlivesClose() {
        return true;
    }
}
