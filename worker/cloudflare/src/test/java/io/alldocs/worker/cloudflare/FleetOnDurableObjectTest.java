package io.alldocs.worker.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.NameState;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncReport;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkerMain;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests three workers in separate processes, on a queue in a Durable Object. The registry changes, and the workers are
 * killed and restarted.
 */
class FleetOnDurableObjectTest {
    private static final int WORKERS = 3;
    private static final int CONCURRENCY = 4;

    /** Concurrent packuments of one item: the default of {@code PACKUMENT_CONCURRENCY}. */
    private static final int PACKUMENTS_AT_A_TIME = 4;

    private static final QueueOptions OPTIONS = QueueOptions.of(
            Env.of(Map.of("QUEUE_INTERVAL_CAP", "0", "QUEUE_LEASE_MS", "3000", "QUEUE_LOST_LEASES", "10")));

    @TempDir
    private Path folder;

    @Test
    @Timeout(300)
    void fewPackumentsThatChange_areEqualToTheOrigin() throws Exception {
        run(300, 20, 2);
    }

    /** A tenth of the load of the corresponding test with Redis. */
    @Test
    @Tag("chaos")
    @Timeout(1_500)
    void manyPackumentsThatChange_areEqualToTheOrigin() throws Exception {
        run(5_000, 50, 15);
    }

    private void run(int names, int churn, int kills) throws Exception {
        Path store = folder.resolve("cache");
        List<Process> workers = new ArrayList<>();
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(names).start();
                FakeQueueWorker fake = new FakeQueueWorker().serving(OPTIONS);
                DurableObjectQueue queue = DurableObjectQueue.builder(fake.endpoint(), FakeQueueWorker.TOKEN)
                        .options(OPTIONS)
                        .build()) {
            ObjectNode payload = JsonNodeFactory.instance.objectNode().put("set", "all");
            payload.put("packuments", true).put("targetRows", names / 10).put("batch", Math.max(10, names / 100));
            queue.enqueue(WorkItem.of("partition-set", "partition-set:all", payload));
            registry.churn(churn);
            for (int i = 0; i < WORKERS; i++) {
                workers.add(start(registry, fake.endpoint(), store, i));
            }
            int killed = 0;
            Random random = new Random(7);
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(20);
            while (queue.size() > 0) {
                assertThat(System.nanoTime()).isLessThan(end);
                long asked = registry.requests().namesAskedAtLeast(1);
                if (killed < kills && asked > (long) names * (killed + 1) / (kills + 2)) {
                    int victim = random.nextInt(WORKERS);
                    workers.get(victim).destroyForcibly().waitFor();
                    workers.set(victim, start(registry, fake.endpoint(), store, victim));
                    killed++;
                }
                if (asked >= names * 9L / 10) {
                    registry.churn(0);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
            assertThat(killed).isEqualTo(kills);
            assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
            assertThat(registry.repeatedRequests())
                    .as("requested twice: items in flight in the killed workers")
                    .isBetween(0L, (long) kills * CONCURRENCY * PACKUMENTS_AT_A_TIME);
            assertEqual(registry, store);
        } finally {
            workers.forEach(Process::destroyForcibly);
        }
    }

    private static void assertEqual(EmbeddedRegistry registry, Path store) {
        SyncJob job = SyncJob.builder()
                .origin(registry.origin())
                .registry(registry.origin())
                .form(SyncForm.FULL)
                .build();
        try (Cache cache = Cache.builder()
                        .driver(FilesystemStorageDriver.builder(store).build())
                        .build();
                RegistrySync sync = RegistrySync.builder()
                        .env(Env.of(Map.of()))
                        .job(job)
                        .cache(cache)
                        .build()) {
            List<String> different = registry.names().stream()
                    .filter(name -> !isCurrent(registry, cache, name))
                    .toList();
            assertThat(different).isEmpty();
            SyncReport report = sync.report();
            assertThat(report.status()).as("%s", report).isEqualTo(SyncReport.Status.COMPLETE);
            assertThat(report.names()).isEqualTo(registry.names().size());
            assertThat(report.state().retries()).isZero();
        }
    }

    private static boolean isCurrent(EmbeddedRegistry registry, Cache cache, String name) {
        Optional<EntryMetadata> head = cache.head(CacheKey.packument(registry.origin(), name));
        NameState state = registry.state(name).orElseThrow();
        return head.isPresent()
                && state.name()
                        .equalsIgnoreCase(String.valueOf(head.get().outcome()).replace("ok", "present"))
                && (state == NameState.NOT_FOUND
                        || registry.rev(name)
                                .equals(Optional.ofNullable(head.get().rev())));
    }

    private Process start(EmbeddedRegistry registry, URI queue, Path store, int number) throws IOException {
        Path log = Files.createTempFile(folder, "worker-" + number + "-", ".log");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WorkerMain.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Map<String, String> variables = builder.environment();
        variables.keySet().removeIf(name -> name.startsWith("QUEUE_") || name.equals("JAVA_TOOL_OPTIONS"));
        variables.put("PORT", "0");
        variables.put("STORAGE_DRIVER", "filesystem");
        variables.put("CACHE_DIR", store.toString());
        variables.put("NPM_ORIGIN", registry.origin().toString());
        variables.put("NPM_REGISTRY", registry.origin().toString());
        variables.put("NPM_CONFIG_USERCONFIG", folder.resolve("none").toString());
        variables.put("WORKER_CONCURRENCY", Integer.toString(CONCURRENCY));
        variables.put("QUEUE_DRIVER", "durable-object");
        variables.put("QUEUE_INTERVAL_CAP", "0");
        variables.put("QUEUE_LEASE_MS", Long.toString(OPTIONS.lease().toMillis()));
        variables.put("QUEUE_LOST_LEASES", Integer.toString(OPTIONS.maxLostLeases()));
        variables.put("WORK_QUEUE_URL", queue.toString());
        variables.put("WORK_QUEUE_TOKEN", FakeQueueWorker.TOKEN);
        return builder.start();
    }
}
