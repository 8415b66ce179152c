package io.alldocs.worker.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.Env;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.storage.emulators.FakeKv;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkerRuntime;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.RuntimeProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The runtime {@code cloudflare} as a process has it: found by its name, fed by the queue in the Durable Object, with entries in Workers KV. */
@Timeout(120)
class CloudflareRuntimeProviderTest {
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
                WorkerRuntime runtime =
                        WorkerRuntime.create(environment(kv, fake, registry)).start()) {
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

    private static Env environment(FakeKv kv, FakeQueueWorker fake, EmbeddedRegistry registry) {
        return Env.of(Map.of(
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
                registry.origin().toString()));
    }
}
