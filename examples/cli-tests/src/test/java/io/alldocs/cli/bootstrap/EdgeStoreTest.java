package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.JsonTree;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.examples.registry.NameState;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentResult;
import io.alldocs.storage.emulators.FakeFastly;
import io.alldocs.storage.emulators.FakeKv;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the job with stores that may return old values after a write, and that reject large values. */
@Timeout(300)
class EdgeStoreTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NAMES = 400;

    @TempDir
    private Path folder;

    private static Map<String, String> environment(FakeKv kv) {
        return Map.of(
                "CLOUDFLARE_ACCOUNT_ID",
                FakeKv.ACCOUNT,
                "CLOUDFLARE_KV_NAMESPACE_ID",
                FakeKv.NAMESPACE,
                "CLOUDFLARE_API_TOKEN",
                FakeKv.TOKEN,
                "CLOUDFLARE_API_BASE_URL",
                kv.endpoint().toString());
    }

    @Test
    void bootstrap_intoAStoreThatLags_interruptedAndRunAgain_equalsTheOrigin() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(NAMES).start();
                FakeKv kv = new FakeKv()) {
            kv.lagging(30);
            Bench bench = new Bench(registry, folder);
            interruptedAfter(NAMES / 3, bench, environment(kv));
            Program.Result result = bench.run(environment(kv), "--driver", "cloudflare");
            assertThat(result.exitCode())
                    .as("%s%n%s", result.out(), result.err())
                    .isEqualTo(ExitCode.COMPLETE);
            assertThat(result.err())
                    .contains("into kv://" + FakeKv.NAMESPACE)
                    .contains("(cloudflare, progress in " + bench.cacheDir + " by sqlite, ");
            assertThat(bench.report().path("names").asInt()).isEqualTo(NAMES);
            assertThat(bench.report().path("work").path("hits").asInt())
                    .as("names known to be stored are not requested again")
                    .isPositive();

            kv.lagging(0);
            assertThat(kv.items().keySet())
                    .allMatch(key -> key.startsWith("v1:packument:") || key.startsWith("v1:partition:"));
            assertEqualsOrigin(registry, environment(kv), "cloudflare");

            registry.requests().reset();
            assertThat(bench.run(environment(kv), "--driver", "cloudflare").exitCode())
                    .isEqualTo(ExitCode.COMPLETE);
            assertThat(bench.asked(Endpoint.PACKUMENT) + bench.asked(Endpoint.ALL_DOCS))
                    .isZero();
        }
    }

    private void interruptedAfter(int packuments, Bench bench, Map<String, String> environment) throws Exception {
        bench.registry.faults().set(Fault.latency(Duration.ofMillis(50)).on(Endpoint.PACKUMENT));
        List<String> line = bench.commandLine("--driver", "cloudflare", "--concurrency", "8");
        try (ChildProcess run = ChildProcess.start(folder, environment, line)) {
            run.awaitWhileRunning(() -> bench.asked(Endpoint.PACKUMENT) >= packuments);
            run.interrupt();
            assertThat(run.awaitExit()).as(run.err()).isEqualTo(ExitCode.PARTIAL);
        }
        bench.registry.faults().clear();
    }

    private static void assertEqualsOrigin(EmbeddedRegistry registry, Map<String, String> environment, String driver)
            throws IOException {
        Map<String, String> values = new HashMap<>(environment);
        values.put("STORAGE_DRIVER", driver);
        try (Cache cache = Cache.builder().env(Env.of(values)).build();
                PackumentClient client = PackumentClient.builder()
                        .env(Env.of(Map.of()))
                        .cache(cache)
                        .registry(registry.origin())
                        .build()) {
            for (String name : registry.names()) {
                PackumentResult stored = client.request(name, RequestOptions.of(CacheMode.ONLY_IF_CACHED));
                boolean isThere = registry.state(name).orElseThrow() == NameState.PRESENT;
                assertThat(stored.outcome() == Outcome.OK)
                        .as("%s %s", name, stored)
                        .isEqualTo(isThere);
                if (isThere) {
                    assertThat(stored.as(JsonNode.class))
                            .as(name)
                            .isEqualTo(JSON.readTree(
                                    registry.packument(name, io.alldocs.examples.registry.PackumentForm.FULL)
                                            .orElseThrow()));
                }
            }
            assertThat(names(cache)).isEqualTo(registry.names());
            assertThat(cache.verify(VerifyOptions.dryRun()).clean()).isTrue();
        }
    }

    /** Returns the names in the stored pages, in order. */
    private static List<String> names(Cache cache) {
        List<String> names = new ArrayList<>();
        try (Stream<String> keys = cache.keys("v1:partition:")) {
            for (String key : keys.toList()) {
                JsonTree page = cache.entry(CacheKey.parse(key)).orElseThrow().json();
                page.path("rows").forEach(row -> names.add(row.path("id").asText()));
            }
        }
        names.sort(KeyOrder.UTF8);
        return names;
    }

    @Test
    void bootstrap_checkpointDriverOfTheUsers_holdsTheProgress_andOneThatLagsIsRefused() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(50).start();
                FakeKv kv = new FakeKv()) {
            Bench bench = Bench.withFiles(registry, folder);
            String[] job = {"--driver", "cloudflare", "--checkpoint-driver", "filesystem"};
            Program.Result first = bench.run(environment(kv), job);
            assertThat(first.exitCode()).as(first.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(bench.storedKeys("v1:bootstrap:")).isEqualTo(1);
            assertThat(bench.storedKeys("v1:checkpoint:")).isPositive();
            assertThat(bench.storedKeys("v1:packument:")).isZero();
            Program.Result offline = bench.run(
                    environment(kv),
                    Stream.concat(Stream.of(job), Stream.of("--offline")).toArray(String[]::new));
            assertThat(offline.exitCode()).as(offline.err()).isEqualTo(ExitCode.COMPLETE);

            Map<String, String> lagging = new HashMap<>(environment(kv));
            lagging.put("CHECKPOINT_DRIVER", "cloudflare");
            Program.Result refused = bench.run(lagging, "--driver", "cloudflare");
            assertThat(refused.exitCode()).as(refused.err()).isEqualTo(ExitCode.USAGE);
            assertThat(refused.err()).contains("cloudflare").contains("CHECKPOINT_DRIVER");

            Program.Result unknown =
                    bench.run(environment(kv), "--driver", "cloudflare", "--checkpoint-driver", "nowhere");
            assertThat(unknown.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(unknown.err()).contains("CHECKPOINT_DRIVER=nowhere").contains("META-INF/services");
        }
    }

    /**
     * After compression, the larger packument has two megabytes and the smaller a tenth of a megabyte. The store
     * accepts one megabyte.
     */
    @Test
    void bootstrap_packumentsTooLargeForTheStore_areAnOutcomeAndNotRequestedAgain() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(100)
                        .giant("giant-as-received", 3_000_000)
                        .giant("giant-of-all", 50_000_000)
                        .start();
                FakeFastly fastly = new FakeFastly()) {
            Map<String, String> environment = Map.of(
                    "FASTLY_API_TOKEN",
                    FakeFastly.TOKEN,
                    "FASTLY_KV_STORE_ID",
                    FakeFastly.STORE,
                    "FASTLY_API_URL",
                    fastly.endpoint().toString(),
                    "FASTLY_MAX_VALUE_BYTES",
                    "1100000");
            Bench bench = new Bench(registry, folder);
            Program.Result first = bench.run(environment, "--driver", "fastly");
            assertThat(first.exitCode()).as("%s%n%s", first.out(), first.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(first.out()).contains("1 too large");
            assertThat(bench.report().path("outcomes").path("too_large").asInt())
                    .isEqualTo(1);
            assertThat(bench.report().path("names").asInt()).isEqualTo(102);

            registry.requests().reset();
            Program.Result second = bench.run(environment, "--driver", "fastly");
            assertThat(second.exitCode()).isEqualTo(ExitCode.COMPLETE);
            assertThat(second.out()).contains("1 too large");
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();

            Map<String, String> values = new HashMap<>(environment);
            values.put("STORAGE_DRIVER", "fastly");
            try (Cache cache = Cache.builder().env(Env.of(values)).build()) {
                var received = cache.entry(CacheKey.packument(registry.origin(), "giant-as-received"))
                        .orElseThrow();
                assertThat(received.encoding()).contains("gzip");
                assertThat(received.json().path("name").asText()).isEqualTo("giant-as-received");
                assertThat(cache.head(CacheKey.packument(registry.origin(), "giant-of-all"))
                                .orElseThrow()
                                .outcome())
                        .isEqualTo("too_large");
            }
        }
    }
}
