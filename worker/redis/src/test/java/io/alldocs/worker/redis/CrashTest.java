package io.alldocs.worker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code kill -9} of the server and of a worker, while they process items. */
class CrashTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ITEMS = 10_000;
    private static final int WORKERS = 4;
    private static final int BATCH = 50;

    @TempDir
    private Path folder;

    /** How often each item was leased. */
    private final Map<String, Integer> done = new ConcurrentHashMap<>();

    @Test
    void serverKilledAndRestartedTwice_losesNothing_andRepeatsOnlyWhatWasUnderWay() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                RedisWorkQueue seed = open(redis)) {
            seed.enqueue(
                    IntStream.range(0, ITEMS)
                            .mapToObj(i -> WorkItem.of("t", "item-" + i))
                            .toList(),
                    Duration.ZERO);
            ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                workers.add(threads.submit(() -> work(redis)));
            }
            for (int kill = 1; kill <= 2; kill++) {
                awaitDone(kill * ITEMS / 4);
                redis.kill();
                redis.restart();
            }
            for (Future<?> worker : workers) {
                worker.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            threads.shutdown();

            assertThat(seed.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
        }
        assertThat(done).hasSize(ITEMS);
        int repeats = done.values().stream().mapToInt(times -> times - 1).sum();
        assertThat(repeats).isLessThanOrEqualTo(2 * WORKERS * BATCH);
    }

    /** Processes items until the queue is empty; settlements that the server does not confirm are repeated. */
    private Void work(RedisProcess redis) throws InterruptedException {
        try (RedisWorkQueue queue = open(redis)) {
            Collection<Settlement> finished = List.of();
            while (true) {
                try {
                    List<Lease> leases = queue.settleAndReserve(finished, BATCH);
                    leases.forEach(lease -> done.merge(lease.item().id(), 1, Integer::sum));
                    finished = leases.stream()
                            .<Settlement>map(Settlement.Done::new)
                            .toList();
                    if (leases.isEmpty() && queue.size() == 0) {
                        return null;
                    }
                } catch (QueueException e) {
                    assertThat(e.retryable()).as(e.getMessage()).isTrue();
                }
            }
        }
    }

    private void awaitDone(int count) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (done.size() < count) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void workerKilled_losesItsLeases_toAnother() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                RedisWorkQueue queue = open(redis)) {
            queue.enqueue(List.of(WorkItem.of("t", "a"), WorkItem.of("t", "b"), WorkItem.of("t", "c")), Duration.ZERO);
            Process worker = startWorker(redis, 2);
            try (BufferedReader out = worker.inputReader()) {
                assertThat(out.readLine()).isEqualTo("a b");
                assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 0, 2, 0));
                List<Lease> free = queue.reserve(5, Duration.ZERO);
                assertThat(free).extracting(lease -> lease.item().id()).containsExactly("c");
                queue.settle(List.of(new Settlement.Done(free.get(0))));
            } finally {
                worker.destroyForcibly().onExit().join();
            }

            List<Lease> leases = new ArrayList<>();
            while (leases.size() < 2) {
                leases.addAll(queue.reserve(2 - leases.size(), PATIENCE));
            }
            assertThat(leases)
                    .extracting(lease -> lease.item().id() + " " + lease.item().attempts())
                    .containsExactlyInAnyOrder("a 1", "b 1");
        }
    }

    private static Process startWorker(RedisProcess redis, int items) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DoomedWorker.class.getName(),
                        redis.url(),
                        Integer.toString(items))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static RedisWorkQueue open(RedisProcess redis) {
        return RedisWorkQueue.builder(redis.url())
                .options(DoomedWorker.OPTIONS)
                .timeout(PATIENCE)
                .build();
    }
}
