package io.alldocs.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheListener;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpAttempt;
import io.alldocs.http.HttpListener;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.micrometer.CacheMeters;
import io.alldocs.micrometer.HttpMeters;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.sync.RegistrySync;
import io.alldocs.worker.Worker;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class AllDocsAutoConfigurationTest {
    @TempDir
    private Path folder;

    private ApplicationContextRunner runner() {
        return Contexts.runner(folder);
    }

    @Test
    void context_withoutProperties_hasStoreAndClients_andNoJob() {
        runner().run(context -> {
            assertThat(context)
                    .hasSingleBean(Env.class)
                    .hasSingleBean(NpmConfig.class)
                    .hasSingleBean(HttpTransport.class)
                    .hasSingleBean(BaseHttpClient.class)
                    .hasSingleBean(StorageDriver.class)
                    .hasSingleBean(Cache.class)
                    .hasSingleBean(PartitionClient.class)
                    .hasSingleBean(PackumentClient.class)
                    .doesNotHaveBean(RegistrySync.class)
                    .doesNotHaveBean(Worker.class)
                    .doesNotHaveBean(HttpMeters.class);
            assertThat(context.getBean(StorageDriver.class).name()).isEqualTo("filesystem");
            assertThat(context.getBean(Cache.class).driver()).isSameAs(context.getBean(StorageDriver.class));
        });
    }

    @Test
    void clients_ofTheContext_fetchWithTheProperties() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names("express", "lodash")
                .token("t0ken")
                .start()) {
            runner().withPropertyValues(
                            "all-docs.registry.url=" + registry.origin(),
                            "all-docs.registry.origin=" + registry.origin(),
                            "all-docs.registry.token=t0ken")
                    .run(context -> {
                        CacheEntry names =
                                context.getBean(PartitionClient.class).request(Partition.ofPrefix("express"));
                        PackumentClient packuments = context.getBean(PackumentClient.class);

                        assertThat(names.source()).isEqualTo(EntrySource.FETCHED);
                        assertThat(packuments.request("lodash").source()).isEqualTo(EntrySource.FETCHED);
                        assertThat(packuments.request("lodash").source()).isEqualTo(EntrySource.HIT);
                        assertThat(context.getBean(Cache.class)
                                        .has(CacheKey.packument(registry.origin(), "lodash")
                                                .toString()))
                                .isTrue();
                    });
        }
    }

    @Test
    void bean_ofTheApplication_replacesOurs() {
        StorageDriver mine = new MemoryStorageDriver();
        Env env = Env.of(Map.of("NPM_REGISTRY", "http://127.0.0.1:9"));

        runner().withBean("mine", StorageDriver.class, () -> mine)
                .withBean("env", Env.class, () -> env)
                .run(context -> {
                    assertThat(context.getBean(Cache.class).driver()).isSameAs(mine);
                    assertThat(context.getBean(PackumentClient.class).registry())
                            .hasPort(9);
                });
    }

    @Test
    void cache_ofTheApplication_isTheOnlyStore_andItsDriverIsChecked() {
        Path unused = folder.resolve("unused");
        Cache mine = Cache.builder().driver(new MemoryStorageDriver()).build();

        runner().withPropertyValues("all-docs.storage.directory=" + unused)
                .withBean("mine", Cache.class, () -> mine)
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean(StorageDriver.class);
                    CompositeHealthContributor health =
                            context.getBean("allDocsHealthContributor", CompositeHealthContributor.class);
                    assertThat(((HealthIndicator) health.getContributor("store"))
                                    .health()
                                    .getDetails())
                            .containsEntry("driver", "memory");
                });

        assertThat(unused).doesNotExist();
    }

    @Test
    void listeners_ofTheApplication_areAllCalled_withTheMeters() {
        List<String> calls = new CopyOnWriteArrayList<>();
        HttpListener first = listener(calls, "first");
        HttpListener second = listener(calls, "second");
        CacheListener cache = new CacheListener() {
            @Override
            public void fetched(CacheKey key, EntrySource source, long sizeBytes) {
                calls.add("cache " + source);
            }
        };
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names("a").start()) {
            runner().withPropertyValues("all-docs.registry.url=" + registry.origin())
                    .withBean("first", HttpListener.class, () -> first)
                    .withBean("second", HttpListener.class, () -> second)
                    .withBean("cache", CacheListener.class, () -> cache)
                    .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                    .run(context -> {
                        context.getBean(PackumentClient.class).request("a");

                        assertThat(calls).contains("first 200", "second 200", "cache FETCHED");
                        MeterRegistry meters = context.getBean(MeterRegistry.class);
                        assertThat(meters.get("all.docs.http.requests").timer().count())
                                .isOne();
                        assertThat(meters.get("all.docs.cache.fetches")
                                        .tags("kind", "packument", "result", "fetched")
                                        .counter()
                                        .count())
                                .isOne();
                        assertThat(context).hasSingleBean(CacheMeters.class);
                    });
        }
    }

    private static HttpListener listener(List<String> calls, String name) {
        return new HttpListener() {
            @Override
            public void requested(HttpAttempt attempt) {
                calls.add(name + " " + attempt.status());
            }
        };
    }

    @Test
    void checkpointDriver_isAnotherStore_thatIsNotACacheBean() {
        runner().withPropertyValues("all-docs.storage.driver=memory", "all-docs.storage.checkpoint-driver=filesystem")
                .run(context -> {
                    Checkpoints checkpoints = context.getBean(Checkpoints.class);
                    assertThat(checkpoints.isOwn()).isTrue();
                    assertThat(checkpoints.cache().driver().name()).isEqualTo("filesystem");
                    assertThat(context.getBean(Cache.class).driver().name()).isEqualTo("memory");
                });
    }

    /**
     * Imports the configurations as Spring Boot does: one that needs a missing class is skipped before its own class is
     * loaded.
     */
    @ImportAutoConfiguration({
        AllDocsAutoConfiguration.class,
        SyncAutoConfiguration.class,
        WorkerAutoConfiguration.class,
        HealthAutoConfiguration.class,
        MetricsAutoConfiguration.class
    })
    private static final class Application {}

    @Test
    void context_withoutOptionalModules_starts() {
        ClassLoader bare = new FilteredClassLoader(
                "io.alldocs.worker", "io.alldocs.micrometer", "io.micrometer", "org.springframework.boot.health");

        new ApplicationContextRunner()
                .withUserConfiguration(Application.class)
                .withPropertyValues("all-docs.storage.driver=memory", "all-docs.worker.enabled=true")
                .withClassLoader(bare)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("allDocsWorker"));
    }

    /** As when the disk of the store is unmounted. */
    @Test
    void health_folderOfTheStoreDisappears_isDownUntilItIsBack() {
        Path cache = folder.resolve("cache");
        runner().run(context -> {
            CompositeHealthContributor health =
                    context.getBean("allDocsHealthContributor", CompositeHealthContributor.class);
            HealthIndicator store = (HealthIndicator) Objects.requireNonNull(health.getContributor("store"));
            assertThat(store.health().getStatus()).isEqualTo(Status.UP);

            Files.move(cache, folder.resolve("unmounted"));
            assertThat(store.health().getStatus()).isEqualTo(Status.DOWN);
            assertThat(cache).doesNotExist();

            Files.move(folder.resolve("unmounted"), cache);
            assertThat(store.health().getStatus()).isEqualTo(Status.UP);
        });
    }

    @Test
    void health_thatIsDisabled_isAbsent() {
        runner().withPropertyValues("management.health.all-docs.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean("allDocsHealthContributor"));
    }

    private FailureAnalysis failure(String... properties) {
        FailureAnalysis[] found = new FailureAnalysis[1];
        runner().withPropertyValues(properties).run(context -> {
            assertThat(context).hasFailed();
            Throwable failure = context.getStartupFailure();
            FailureAnalysis unknown = new UnknownPropertyAnalyzer().analyze(failure);
            found[0] = unknown != null ? unknown : new SettingFailureAnalyzer().analyze(failure);
        });
        assertThat(found[0]).as("analysis").isNotNull();
        return found[0];
    }

    @Test
    void driver_thatIsUnknown_failsWithTheMessageOfTheLibrary() {
        FailureAnalysis failure = failure("all-docs.storage.driver=s3");

        assertThat(failure.getDescription()).contains("STORAGE_DRIVER=s3", "all-docs-storage-s3");
        assertThat(failure.getAction()).contains("all-docs.storage.driver sets STORAGE_DRIVER");
    }

    @Test
    void registry_withAPassword_failsWithoutIt() {
        FailureAnalysis failure = failure("all-docs.registry.url=https://jo:s3cret@registry.example.com");

        assertThat(failure.getDescription()).contains("NPM_REGISTRY").doesNotContain("s3cret");
        assertThat(failure.getAction()).contains("all-docs.registry.url sets NPM_REGISTRY");
    }

    @Test
    void origin_thatIsNoAddress_failsWithoutItsValue() {
        FailureAnalysis failure = failure("all-docs.sync.enabled=true", "all-docs.registry.origin=s3cret");

        assertThat(failure.getDescription()).contains("NPM_ORIGIN").doesNotContain("s3cret");
        assertThat(failure.getAction()).contains("all-docs.registry.origin sets NPM_ORIGIN");
    }

    @Test
    void property_thatIsUnknown_isNamedWithoutItsValue() {
        FailureAnalysis failure = failure("all-docs.registry.tokn=s3cret");

        assertThat(failure.getDescription())
                .contains("There is no property all-docs.registry.tokn")
                .doesNotContain("s3cret");
    }

    @Test
    void range_withoutNames_namesTheProperties() {
        FailureAnalysis failure = failure(
                "all-docs.sync.enabled=true",
                "all-docs.sync.prefix=react",
                "all-docs.sync.start=a",
                "all-docs.sync.end=b");

        assertThat(failure.getDescription()).contains("all-docs.sync.prefix", "all-docs.sync.end");
    }

    @Test
    void range_thatEndsBeforeItsStart_namesThePropertiesAndTheirValues() {
        FailureAnalysis failure = failure("all-docs.sync.enabled=true", "all-docs.sync.start=b", "all-docs.sync.end=a");

        assertThat(failure.getDescription())
                .contains("all-docs.sync.start and all-docs.sync.end are not a range", "\"b\"", "\"a\"");
    }

    @ParameterizedTest
    @CsvSource({
        "sync.interval=5m, all-docs.sync.interval and .max-interval",
        "sync.concurrency=0, all-docs.sync.concurrency",
        "sync.list-every=-1s, all-docs.sync.list-every",
        "'sync.allow=[', all-docs.sync.allow and .deny",
        "http.rate=-1, all-docs.http.rate"
    })
    void value_outOfRange_isRefusedWithTheNameOfItsProperty(String setting, String property) {
        FailureAnalysis failure = failure("all-docs.sync.enabled=true", "all-docs.sync.end=b", "all-docs." + setting);

        assertThat(failure.getDescription()).startsWith(property + ": ");
    }

    @Test
    void analyzers_ofOtherFailures_haveNoOpinion() {
        runner().withBean("theirs", String.class, () -> {
                    throw new IllegalStateException("theirs");
                })
                .run(context -> assertThat(new SettingFailureAnalyzer().analyze(context.getStartupFailure()))
                        .isNull());
    }
}
