package io.alldocs.worker.fastly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.Env;
import io.alldocs.cache.CacheKey;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.storage.emulators.FakeFastly;
import io.alldocs.worker.RuntimeProvider;
import io.alldocs.worker.WorkerRuntime;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests the runtime {@code fastly} as a process uses it: found by its name, with work items over HTTP and entries in a
 * KV store.
 */
@Timeout(120)
class FastlyRuntimeProviderTest {
    private static Map<String, String> environment(FakeFastly fastly, EmbeddedRegistry registry) {
        return Map.of(
                "RUNTIME",
                "fastly",
                "PORT",
                "0",
                "FASTLY_API_URL",
                fastly.endpoint().toString(),
                "FASTLY_API_TOKEN",
                FakeFastly.TOKEN,
                "FASTLY_KV_STORE_ID",
                FakeFastly.STORE,
                "NPM_REGISTRY",
                registry.origin().toString());
    }

    @Test
    void isFound() {
        assertThat(ServiceLoader.load(RuntimeProvider.class).stream())
                .anySatisfy(provider -> assertThat(provider.type()).isEqualTo(FastlyRuntimeProvider.class));
        assertThat(new FastlyRuntimeProvider().name()).isEqualTo("fastly");
        assertThat(new FastlyRuntimeProvider().runtimes()).containsExactly("fastly");
        assertThat(new FastlyRuntimeProvider().spiVersion()).isEqualTo(RuntimeProvider.SPI_VERSION);
    }

    @Test
    void workItem_endsAsAnItemOfTheKvStore_thatEdgeWorkersRead() throws Exception {
        try (FakeFastly fastly = new FakeFastly();
                EmbeddedRegistry registry = EmbeddedRegistry.builder().names(5).start();
                WorkerRuntime runtime = WorkerRuntime.create(Env.of(environment(fastly, registry)))
                        .start()) {
            String name = registry.names().get(0);
            HttpResponse<String> answer =
                    post(runtime, "{\"type\":\"packument\",\"id\":\"a\",\"payload\":{\"name\":\"" + name + "\"}}");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
            assertThat(runtime.worker().awaitIdle(Duration.ofSeconds(60))).isTrue();

            String key = CacheKey.packument(registry.origin(), name).toString();
            JsonNode stored = new ObjectMapper().readTree(item(fastly, key));
            assertThat(stored.path("statusCode").asInt()).isEqualTo(200);
            assertThat(stored.path("body").path("name").asText()).isEqualTo(name);
        }
    }

    private static HttpResponse<String> post(WorkerRuntime runtime, String item) throws Exception {
        URI work = URI.create("http://127.0.0.1:" + runtime.server().port() + "/work");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(work)
                                .POST(BodyPublishers.ofString(item))
                                .build(),
                        BodyHandlers.ofString());
    }

    /** Reads an item directly from the store, as an edge worker does. */
    private static byte[] item(FakeFastly fastly, String key) throws Exception {
        URI uri = URI.create(
                fastly.endpoint() + "/resources/stores/kv/" + FakeFastly.STORE + "/keys/" + key.replace(":", "%3A"));
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("fastly-key", FakeFastly.TOKEN)
                .build();
        return HttpClient.newHttpClient()
                .send(request, BodyHandlers.ofByteArray())
                .body();
    }

    @Test
    void missingStore_isNamedAtTheStart() throws Exception {
        try (FakeFastly fastly = new FakeFastly();
                EmbeddedRegistry registry = EmbeddedRegistry.builder().names(5).start()) {
            Map<String, String> values = new HashMap<>(environment(fastly, registry));
            values.remove("FASTLY_KV_STORE_ID");
            try (WorkerRuntime runtime = WorkerRuntime.create(Env.of(values))) {
                assertThatThrownBy(runtime::start)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("FASTLY_KV_STORE_ID")
                        .hasMessageNotContaining(FakeFastly.TOKEN);
            }
        }
    }
}
