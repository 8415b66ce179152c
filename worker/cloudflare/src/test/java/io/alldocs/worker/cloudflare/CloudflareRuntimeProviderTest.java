package io.alldocs.worker.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.storage.emulators.FakeKv;
import io.alldocs.sync.JobProgress;
import io.alldocs.sync.SyncJob;
import io.alldocs.worker.RuntimeProvider;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkerRuntime;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the runtime {@code cloudflare} as a process uses it. It is found by its name, the queue is in the Durable
 * Object, and entries are in Workers KV.
 */
@Timeout(120)
class CloudflareRuntimeProviderTest {
    private static final QueueOptions FAST = QueueOptions.of(Env.of(Map.of("QUEUE_INTERVAL_CAP", "0")));

    @Test
    void isFound() {
        assertThat(ServiceLoader.load(RuntimeProvider.class).stream())
                .anySatisfy(provider -> assertThat(provider.type()).isEqualTo(CloudflareRuntimeProvider.class));
        assertThat(new CloudflareRuntimeProvider().name()).isEqualTo("cloudflare");
        assertThat(new CloudflareRuntimeProvider().runtimes()).containsExactly("cloudflare");
        assertThat(new CloudflareRuntimeProvider().spiVersion()).isEqualTo(RuntimeProvider.SPI_VERSION);
    }

    @Test
    void itemsOfTheDurableObject_endAsValuesOfKv_thatEdgeWorkersRead() throws Exception {
        try (FakeKv kv = new FakeKv();
                FakeQueueWorker fake = new FakeQueueWorker().serving(QueueOptions.DEFAULT);
                EmbeddedRegistry registry = EmbeddedRegistry.builder().names(5).start();
                DurableObjectQueue feeder = DurableObjectQueue.builder(fake.endpoint(), FakeQueueWorker.TOKEN)
                        .build();
                WorkerRuntime runtime = WorkerRuntime.create(Env.of(environment(kv, fake, registry)))
                        .start()) {
            List<WorkItem> items = registry.names().stream()
                    .map(name -> WorkItem.of(
                            "packument",
                            name,
                            JsonNodeFactory.instance.objectNode().put("name", name)))
                    .toList();
            assertThat(feeder.enqueue(items, Duration.ZERO)).isEqualTo(5);
            assertThat(runtime.worker().awaitIdle(Duration.ofSeconds(60))).isTrue();

            assertThat(feeder.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
            for (String name : registry.names()) {
                String key = CacheKey.packument(registry.origin(), name).toString();
                JsonNode stored =
                        new ObjectMapper().readTree(kv.items().get(key).value());
                assertThat(stored.path("statusCode").asInt()).isEqualTo(200);
                assertThat(stored.path("body").path("name").asText()).isEqualTo(name);
            }
        }
    }

    @Test
    void setOfPartitions_onAStoreThatAnswersWithOldValues_keepsItsProgressElsewhere(@TempDir Path folder)
            throws Exception {
        try (FakeKv kv = new FakeKv();
                FakeQueueWorker fake = new FakeQueueWorker().serving(FAST);
                EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(120).start();
                DurableObjectQueue feeder = DurableObjectQueue.builder(fake.endpoint(), FakeQueueWorker.TOKEN)
                        .options(FAST)
                        .build()) {
            kv.lagging(50);
            Map<String, String> values = new HashMap<>(environment(kv, fake, registry));
            values.put("QUEUE_INTERVAL_CAP", "0");
            values.put("CHECKPOINT_DRIVER", "filesystem");
            values.put("CACHE_DIR", folder.toString());
            values.put("NPM_ORIGIN", registry.origin().toString());
            try (WorkerRuntime runtime = WorkerRuntime.create(Env.of(values)).start()) {
                JsonNode payload = new ObjectMapper()
                        .readTree("{\"set\":\"all\",\"targetRows\":40,\"packuments\":true,\"batch\":20}");
                feeder.enqueue(WorkItem.of("partition-set", "all", payload));
                assertThat(runtime.worker().awaitIdle(Duration.ofSeconds(90))).isTrue();
            }
            assertThat(feeder.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
            assertThat(kv.items().keySet())
                    .containsAll(registry.names().stream()
                            .map(name ->
                                    CacheKey.packument(registry.origin(), name).toString())
                            .toList())
                    .anyMatch(key -> key.startsWith("v1:partition:"))
                    .noneMatch(key -> key.startsWith("v1:checkpoint:"));
            try (Cache progress = Cache.forCheckpoints(Env.of(values)).orElseThrow()) {
                String job = SyncJob.builder()
                        .origin(registry.origin())
                        .registry(registry.origin())
                        .build()
                        .id();
                JobProgress done =
                        new JobProgress.Reader(progress, job, 20).read().orElseThrow();
                assertThat(done.finished()).isNotNull();
                assertThat(done.partitions()).isGreaterThan(1).isEqualTo(done.complete());
            }
        }
    }

    private static Map<String, String> environment(FakeKv kv, FakeQueueWorker fake, EmbeddedRegistry registry) {
        return Map.of(
                "RUNTIME",
                "cloudflare",
                "PORT",
                "0",
                "CLOUDFLARE_API_BASE_URL",
                kv.endpoint().toString(),
                "CLOUDFLARE_API_TOKEN",
                FakeKv.TOKEN,
                "CLOUDFLARE_ACCOUNT_ID",
                FakeKv.ACCOUNT,
                "CLOUDFLARE_KV_NAMESPACE_ID",
                FakeKv.NAMESPACE,
                "WORK_QUEUE_URL",
                fake.endpoint().toString(),
                "WORK_QUEUE_TOKEN",
                FakeQueueWorker.TOKEN,
                "NPM_REGISTRY",
                registry.origin().toString());
    }
}
