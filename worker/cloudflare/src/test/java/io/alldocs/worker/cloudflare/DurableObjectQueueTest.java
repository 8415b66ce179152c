package io.alldocs.worker.cloudflare;

import io.alldocs.worker.contract.WorkQueueContract;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/** Runs the contract against a fake of the Worker, with a clock that the tests set. */
@Timeout(120)
class DurableObjectQueueTest extends WorkQueueContract {
    private static final AtomicReference<Instant> NOW = new AtomicReference<>(Instant.parse("2026-08-01T00:00:00Z"));

    private static FakeQueueWorker fake;

    @BeforeAll
    static void start() throws IOException {
        InstantSource source = NOW::get;
        fake = new FakeQueueWorker(source.withZone(ZoneOffset.UTC));
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

    @Override
    protected Optional<Consumer<Duration>> clock() {
        return Optional.of(time -> NOW.updateAndGet(now -> now.plus(time)));
    }
}
