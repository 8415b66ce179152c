package io.alldocs.worker.cloudflare;

import io.alldocs.worker.contract.WorkQueueContract;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the contract against {@code queue.js} itself, in Cloudflare's own runtime. */
@Tag("interop")
@Timeout(300)
class WorkerdInteropTest extends WorkQueueContract {
    /** The queues that were opened, because the server cannot list its objects. */
    private static final Set<String> NAMES = ConcurrentHashMap.newKeySet();

    @TempDir
    private static Path folder;

    private static Workerd workerd;

    @BeforeAll
    static void start() throws Exception {
        workerd = Workerd.start(folder);
    }

    @AfterAll
    static void stop() {
        workerd.close();
    }

    @Override
    protected WorkQueue newQueue(QueueOptions options) {
        NAMES.add(options.name());
        return DurableObjectQueue.builder(workerd.address(), Workerd.TOKEN)
                .options(options)
                .build();
    }

    @Override
    protected WorkQueue another(WorkQueue queue) {
        return newQueue(queue.options());
    }

    @Override
    protected void clear() throws Exception {
        for (String name : NAMES) {
            workerd.clear(name);
        }
    }

    @Override
    protected boolean outlivesClose() {
        return true;
    }
}
