package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.sync.JobInUseException;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncResult;
import io.alldocs.worker.internal.progress.SetsProgress;
import io.alldocs.worker.spi.QueueSizes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests that both executors share one state. A single process can finish a job that workers began, and workers can
 * finish a job of a single process. State of the first version is resumed.
 */
@Timeout(300)
class JobHandoverTest {
    private static final int NAMES = 400;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EmbeddedRegistry registry =
            EmbeddedRegistry.builder().names(NAMES).start();
    private final MemoryStorageDriver store = new MemoryStorageDriver();
    private final TurnedClock clock = new TurnedClock();
    private final Cache cache = Cache.builder().driver(store).clock(clock).build();
    private final Bench bench = new Bench();
    private final SyncJob job = SyncJob.builder()
            .origin(registry.origin())
            .registry(registry.origin())
            .form(SyncForm.FULL)
            .build();

    @AfterEach
    void end() {
        bench.close();
        registry.close();
        store.close();
    }

    private static WorkItem plan(boolean follow) {
        Map<String, Object> payload =
                Map.of("set", "all", "packuments", true, "targetRows", 50, "batch", 10, "follow", follow);
        return WorkItem.of("partition-set", "partition-set:all", payload);
    }

    private Worker worker(LocalWorkQueue queue) {
        return bench.worker()
                .queue(queue)
                .cache(cache)
                .partitions(bench.partitions(registry.origin(), 50, cache))
                .packuments(bench.packuments(registry.origin(), cache))
                .build();
    }

    private static LocalWorkQueue queue() {
        return LocalWorkQueue.builder().options(Bench.OPTIONS).build();
    }

    private void halfByWorkers() throws Exception {
        try (LocalWorkQueue queue = queue();
                Worker worker = worker(queue).start()) {
            queue.enqueue(plan(false));
            Await.until("half is done", () -> registry.requests().count(Endpoint.PACKUMENT) > NAMES / 2);
            worker.stop(PATIENCE);
        }
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isLessThan(NAMES);
    }

    private RegistrySync sync() {
        return RegistrySync.builder()
                .env(io.alldocs.Env.of(Map.of()))
                .job(job)
                .cache(cache)
                .build();
    }

    @Test
    void jobBegunByWorkers_isRefusedWhileTheirClaimLives_andThenFinishedByOneProcess() throws Exception {
        halfByWorkers();
        try (RegistrySync sync = sync()) {
            org.assertj.core.api.Assertions.assertThatThrownBy(sync::bootstrap)
                    .isInstanceOf(JobInUseException.class)
                    .hasMessageContaining("the workers of the queue local:test");

            clock.advance(Duration.ofSeconds(61));
            SyncResult result = sync.bootstrap();

            assertThat(result.status()).isEqualTo(SyncResult.Status.COMPLETE);
        }
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(NAMES);
    }

    @Test
    void jobBegunByOneProcess_isFinishedByWorkers() throws Exception {
        try (RegistrySync sync = sync()) {
            Thread process = new Thread(sync::bootstrap, "bootstrap");
            process.start();
            Await.until("half is done", () -> registry.requests().count(Endpoint.PACKUMENT) > NAMES / 4);
            process.interrupt();
            process.join();
        }
        long asked = registry.requests().namesAskedAtLeast(1);
        assertThat(asked).isLessThan(NAMES);

        try (LocalWorkQueue queue = queue();
                Worker worker = worker(queue).start()) {
            queue.enqueue(plan(false));
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
            assertThat(new SetsProgress(worker.context()).look())
                    .singleElement()
                    .satisfies(view -> {
                        assertThat(view.state()).isEqualTo("complete");
                        assertThat(view.progress().orElseThrow().withOutcome()).isEqualTo(NAMES);
                    });
        }
        assertThat(registry.requests().count(Endpoint.PACKUMENT) - NAMES)
                .as("requested twice: names in flight at the interrupt")
                .isBetween(0L, 32L);
    }

    @Test
    void secondExecutor_isADeadLetterThatSaysWhoOwnsTheJob() throws Exception {
        try (RegistrySync sync = sync();
                LocalWorkQueue queue = queue();
                Worker worker = worker(queue).start()) {
            try (io.alldocs.sync.JobOwner owner = sync.claim("the nightly run")) {
                assertThat(owner.epoch()).isPositive();
                queue.enqueue(plan(false));
                Await.until("refused", () -> queue.sizes().delayed() == 1);
            }
            assertThat(worker.status().errors().get(0).reason()).contains("the nightly run");
        }
    }

    @Test
    void itemsAndSetsOfTheFirstVersion_areResumed_andStoredPackumentsAreNotFetchedAgain() throws Exception {
        PartitionCheckpoint old = new PartitionCheckpoint(cache, "all");
        old.recordPartitions(new PartitionCheckpoint.Header(
                "run-1",
                clock.instant(),
                registry.origin().toString(),
                "names",
                null,
                List.of(io.alldocs.partition.Partition.all().key(registry.origin()))));
        List<String> stored = registry.names().subList(0, 20);
        bench.packuments(registry.origin(), cache)
                .requestAll(stored, io.alldocs.cache.RequestOptions.DEFAULT, result -> {});
        ObjectNode batch =
                JsonNodeFactory.instance.objectNode().put("set", "all").put("run", "run-1");
        batch.put("index", 0).put("batch", 0).put("batches", 20);
        stored.forEach(batch.putArray("names")::add);
        ObjectNode partition =
                JsonNodeFactory.instance.objectNode().put("set", "all").put("run", "run-1");
        partition.put("index", 0).put("packuments", true).put("batch", 100).put("from", 0);

        try (LocalWorkQueue queue = queue();
                Worker worker = worker(queue).start()) {
            queue.enqueue(
                    List.of(
                            WorkItem.of("packument", "packument:all:run-1:0:0", batch),
                            WorkItem.of("partition", "partition:all:run-1:0", partition)),
                    Duration.ZERO);
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
            assertThat(new SetsProgress(worker.context()).look())
                    .singleElement()
                    .satisfies(view -> assertThat(view.state()).isEqualTo("complete"));
        }
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(NAMES);
    }

    @Test
    void queueThatLosesItsItems_getsTheCoordinatorAgain_andTheJobIsComplete() throws Exception {
        io.alldocs.worker.spi.QueueOptions shortLease = new io.alldocs.worker.spi.QueueOptions(
                "test",
                3,
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                3,
                Duration.ofSeconds(1),
                0);
        Cache real = Cache.builder().driver(store).build();
        try (LocalWorkQueue lost = LocalWorkQueue.builder().options(shortLease).build();
                Worker first = bench.worker()
                        .queue(lost)
                        .cache(real)
                        .partitions(bench.partitions(registry.origin(), 50, real))
                        .packuments(bench.packuments(registry.origin(), real))
                        .build()
                        .start()) {
            lost.enqueue(plan(false));
            Await.until("half is done", () -> registry.requests().count(Endpoint.PACKUMENT) > NAMES / 2);
            first.stop(PATIENCE);
        }
        try (LocalWorkQueue empty = LocalWorkQueue.builder().options(shortLease).build();
                Worker second = bench.worker()
                        .queue(empty)
                        .cache(real)
                        .partitions(bench.partitions(registry.origin(), 50, real))
                        .packuments(bench.packuments(registry.origin(), real))
                        .build()
                        .start()) {
            Await.until(
                    "complete",
                    () -> new SetsProgress(second.context())
                            .look().stream().anyMatch(view -> view.state().equals("complete")));
        }
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(NAMES);
    }

    @Test
    void follow_registryThatChangesAndIsReset_staysCurrent() throws Exception {
        try (LocalWorkQueue queue = queue();
                Worker worker = worker(queue).start()) {
            queue.enqueue(plan(true));
            SetsProgress sets = new SetsProgress(worker.context());
            Await.until(
                    "follows",
                    () -> sets.look().stream().anyMatch(view -> view.state().equals("follow")));
            registry.churn(100);
            Await.until("has followed", () -> registry.updateSeq() > NAMES + 200);
            registry.resetSequence();
            Await.until("changes continue", () -> registry.requests().count(Endpoint.PACKUMENT) > NAMES + 200);
            registry.churn(0);

            Await.until("current", () -> {
                for (String name : registry.names()) {
                    String rev = registry.rev(name).orElseThrow();
                    if (cache.head(io.alldocs.cache.CacheKey.packument(registry.origin(), name))
                            .filter(head ->
                                    registry.state(name).orElseThrow() != io.alldocs.examples.registry.NameState.PRESENT
                                            || rev.equals(head.rev()))
                            .isEmpty()) {
                        return false;
                    }
                }
                return true;
            });
        }
    }
}
