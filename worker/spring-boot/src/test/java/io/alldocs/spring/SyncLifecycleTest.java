package io.alldocs.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.packument.PackumentResult;
import io.alldocs.partition.Sequence;
import io.alldocs.sync.ChangedPackage;
import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.FollowOptions;
import io.alldocs.sync.NameList;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncListener;
import io.alldocs.sync.SyncPhase;
import io.alldocs.sync.SyncStatus;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

@Timeout(120)
class SyncLifecycleTest {
    @TempDir
    private Path folder;

    private ApplicationContextRunner runner(EmbeddedRegistry registry) {
        return Contexts.runner(folder)
                .withPropertyValues(
                        "all-docs.sync.enabled=true",
                        "all-docs.sync.interval=10ms",
                        "all-docs.sync.max-interval=50ms",
                        "all-docs.registry.url=" + registry.origin(),
                        "all-docs.registry.origin=" + registry.origin());
    }

    private static Health health(ApplicationContext context, String part) {
        CompositeHealthContributor all = context.getBean("allDocsHealthContributor", CompositeHealthContributor.class);
        return ((HealthIndicator) all.getContributor(part)).health();
    }

    /** Signals the events of the job. */
    private static final class Signals implements SyncListener {
        private final CountDownLatch follows = new CountDownLatch(1);
        private final CountDownLatch changed = new CountDownLatch(1);
        private final CountDownLatch outcomes;

        Signals(int outcomes) {
            this.outcomes = new CountDownLatch(outcomes);
        }

        @Override
        public void outcome(PackumentResult result) {
            outcomes.countDown();
        }

        @Override
        public void following(Sequence position) {
            follows.countDown();
        }

        @Override
        public void changed(ChangedPackage change) {
            changed.countDown();
        }
    }

    private static void await(CountDownLatch signal) throws InterruptedException {
        assertThat(signal.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void job_ofAPrefix_isFetchedAndFollowed_withHealthAndMeters() {
        Signals signals = new Signals(2);
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names("express", "react", "react-dom", "vue")
                .start()) {
            runner(registry)
                    .withPropertyValues("all-docs.sync.prefix=react", "spring.threads.virtual.enabled=true")
                    .withBean(Signals.class, () -> signals)
                    .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                    .run(context -> {
                        await(signals.follows);
                        registry.publish("react");
                        registry.publish("vue");
                        await(signals.changed);

                        assertThat(Contexts.keepsAlive("all-docs sync")).isTrue();
                        assertThat(context.getBean(Threads.class).executor().isPresent())
                                .isEqualTo(Runtime.version().feature() >= 21);
                        RegistrySync sync = context.getBean(RegistrySync.class);
                        assertThat(sync.packument("react-dom").rev()).isPresent();
                        assertThat(registry.requests().ofName("express")).isZero();
                        assertThat(registry.requests().ofName("vue")).isZero();
                        assertThat(context.getBean(Cache.class)).isSameAs(sync.cache());
                        assertThat(health(context, "store").getStatus()).isEqualTo(Status.UP);
                        assertThat(health(context, "job").getStatus()).isEqualTo(Status.UP);
                        assertThat(health(context, "job").getDetails())
                                .containsEntry("names", "names from react before reacu")
                                .containsEntry("state", "following")
                                .containsEntry("pending", 0L);
                        MeterRegistry meters = context.getBean(MeterRegistry.class);
                        assertThat(meters.get("all.docs.sync.following").gauge().value())
                                .isOne();
                        Contexts.until(
                                "current",
                                () -> meters.get("all.docs.sync.lag.changes")
                                                .gauge()
                                                .value()
                                        == 0);
                        assertThat(meters.get("all.docs.http.requests").timers())
                                .isNotEmpty();
                    });
        }
    }

    @Test
    void close_inTheMiddleOfABootstrap_isPrompt_andTheNextStartResumes() {
        int names = 200;
        Signals first = new Signals(50);
        Signals second = new Signals(1);
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(names)
                .mixedStates(false)
                .faults(List.of(Fault.latency(Duration.ofMillis(100)).on(Endpoint.PACKUMENT)))
                .start()) {
            long[] closing = new long[1];
            runner(registry)
                    .withPropertyValues("all-docs.sync.concurrency=8")
                    .withBean(Signals.class, () -> first)
                    .run(context -> {
                        await(first.outcomes);
                        closing[0] = System.nanoTime();
                    });
            assertThat(Duration.ofNanos(System.nanoTime() - closing[0])).isLessThan(Duration.ofSeconds(5));
            registry.faults().clear();
            Set<String> stored = new HashSet<>();

            runner(registry)
                    .withPropertyValues("all-docs.sync.enabled=false")
                    .run(context -> stored.addAll(stored(context.getBean(Cache.class), registry)));
            assertThat(stored).hasSizeBetween(50, names - 1);

            runner(registry).withBean(Signals.class, () -> second).run(context -> {
                await(second.follows);
                assertThat(stored(context.getBean(Cache.class), registry)).hasSize(names);
            });
            assertThat(stored).allMatch(name -> registry.requests().ofName(name) == 1);
        }
    }

    private static Set<String> stored(Cache cache, EmbeddedRegistry registry) {
        Set<String> stored = new HashSet<>(registry.names());
        stored.removeIf(
                name -> !cache.has(CacheKey.packument(registry.origin(), name).toString()));
        return stored;
    }

    @Test
    void secondInstance_waits_andTakesOverWhenTheFirstStops() {
        Signals first = new Signals(1);
        Signals second = new Signals(1);
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("a", "b").start()) {
            RegistrySync[] standby = new RegistrySync[1];
            SyncLifecycle[] lifecycle = new SyncLifecycle[1];
            SyncJob job = SyncJob.builder()
                    .origin(registry.origin())
                    .registry(registry.origin())
                    .build();
            runner(registry).withBean(Signals.class, () -> first).run(context -> {
                await(first.follows);
                standby[0] = RegistrySync.builder()
                        .job(job)
                        .cache(context.getBean(Cache.class))
                        .listener(second)
                        .build();
                lifecycle[0] = new SyncLifecycle(standby[0], FollowOptions.DEFAULT, Duration.ofMillis(20));
                lifecycle[0].start();
                Contexts.until("stands by", () -> lifecycle[0].waitsFor().isPresent());
                JobHealthIndicator health = new JobHealthIndicator(standby[0], lifecycle[0]);
                assertThat(health.health().getStatus()).isEqualTo(Status.UP);
                assertThat(health.health().getDetails()).containsEntry("state", "standby");

                context.getBean(SyncLifecycle.class).stop();
                await(second.follows);
                assertThat(lifecycle[0].waitsFor()).isEmpty();
                lifecycle[0].stop();
            });
            standby[0].close();
        }
    }

    @Test
    void lifecycle_stoppedAndStarted_resumes() {
        Signals signals = new Signals(2);
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("a", "b").start()) {
            runner(registry).withBean(Signals.class, () -> signals).run(context -> {
                await(signals.follows);
                context.getSourceApplicationContext().stop();
                assertThat(context.getBean(SyncLifecycle.class).isRunning()).isFalse();

                context.getSourceApplicationContext().start();
                registry.publish("a");
                await(signals.changed);
                assertThat(registry.requests().ofName("b")).isOne();
            });
        }
    }

    @Test
    void credentials_thatAreRefused_endTheJob_andTheApplicationStaysUp() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("a").token("t0ken").start()) {
            runner(registry)
                    .withPropertyValues("all-docs.registry.token=s3cret")
                    .run(context -> {
                        Contexts.until(
                                "ended",
                                () -> context.getBean(SyncLifecycle.class)
                                        .failure()
                                        .isPresent());
                        Health job = health(context, "job");
                        assertThat(job.getStatus()).isEqualTo(Status.DOWN);
                        assertThat(job.getDetails()).containsEntry("state", "failed");
                        assertThat(job.toString()).contains("401").doesNotContain("s3cret");
                        assertThat(health(context, "store").getStatus()).isEqualTo(Status.UP);
                    });
        }
    }

    @Test
    void job_thatHasStopped_isNeitherFollowingNorPausedInItsMeters() {
        Signals signals = new Signals(1);
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names("a").start()) {
            runner(registry)
                    .withBean(Signals.class, () -> signals)
                    .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                    .run(context -> {
                        await(signals.follows);
                        MeterRegistry meters = context.getBean(MeterRegistry.class);
                        Contexts.until("follows", () -> value(meters, "all.docs.sync.following") == 1);

                        registry.faults().set(List.of(Fault.status(503, 1)));
                        Contexts.until("waits", () -> value(meters, "all.docs.sync.paused") == 1);
                        context.getBean(SyncLifecycle.class).stop();

                        assertThat(value(meters, "all.docs.sync.following")).isZero();
                        assertThat(value(meters, "all.docs.sync.paused")).isZero();
                    });
        }
    }

    private static double value(MeterRegistry meters, String gauge) {
        return meters.get(gauge).gauge().value();
    }

    /** Hides the stored names when the first packuments are to be fetched, until {@code found} is called. */
    private static final class LosesNames implements SyncListener {
        private final StorageDriver memory = new MemoryStorageDriver();
        private final CountDownLatch follows = new CountDownLatch(1);
        private volatile @Nullable Boolean lost;

        StorageDriver driver() {
            return (StorageDriver) Proxy.newProxyInstance(
                    StorageDriver.class.getClassLoader(),
                    new Class<?>[] {StorageDriver.class},
                    (proxy, method, arguments) -> {
                        boolean isOfNames = arguments != null
                                && arguments[0] instanceof String key
                                && key.startsWith("v1:partition:");
                        if (isOfNames && Boolean.TRUE.equals(lost) && method.getReturnType() == Optional.class) {
                            return Optional.empty();
                        }
                        try {
                            return method.invoke(memory, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getTargetException();
                        }
                    });
        }

        @Override
        public void phaseStarted(SyncPhase phase, long total) {
            if (phase == SyncPhase.FETCH && lost == null) {
                lost = true;
            }
        }

        @Override
        public void following(Sequence position) {
            follows.countDown();
        }
    }

    @Test
    void names_thatAreMissingFromTheStore_areWaitedFor() throws Exception {
        LosesNames store = new LosesNames();
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names("a", "b").start();
                Cache cache = Cache.builder().driver(store.driver()).build();
                RegistrySync sync = RegistrySync.builder()
                        .job(SyncJob.builder()
                                .origin(registry.origin())
                                .registry(registry.origin())
                                .build())
                        .cache(cache)
                        .listener(store)
                        .build()) {
            FollowOptions fast = FollowOptions.DEFAULT.interval(Duration.ofMillis(20), Duration.ofMillis(50));
            SyncLifecycle lifecycle = new SyncLifecycle(sync, fast, Duration.ofMillis(20));
            lifecycle.start();
            Contexts.until("waits", () -> sync.status().state() == SyncStatus.State.WAITING);
            assertThat(sync.status().problem()).contains("lost stored pages");
            assertThat(new JobHealthIndicator(sync, lifecycle).health().getStatus())
                    .isEqualTo(Status.UNKNOWN);

            store.lost = false;
            await(store.follows);
            assertThat(lifecycle.failure()).isEmpty();
            assertThat(stored(cache, registry)).hasSize(2);
            lifecycle.stop();
        }
    }

    @Test
    void origin_thatIsAway_isWaitedFor_andUnknown() {
        Signals signals = new Signals(1);
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names("a")
                .faults(List.of(Fault.status(405, 1)))
                .start()) {
            runner(registry).withBean(Signals.class, () -> signals).run(context -> {
                Contexts.until("waits", () -> health(context, "job").getStatus().equals(Status.UNKNOWN));
                assertThat(health(context, "job").getDetails()).containsEntry("state", "waiting");
                assertThat(health(context, "job").getDetails().get("problem"))
                        .asString()
                        .contains("405");

                registry.faults().clear();
                await(signals.follows);
            });
        }
    }

    @Test
    void names_ofAList_endWithTheBootstrap() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("a", "b").start()) {
            SyncJob job = SyncJob.builder()
                    .withoutOrigin()
                    .registry(registry.origin())
                    .names(list("a"))
                    .build();
            runner(registry).withBean(SyncJob.class, () -> job).run(context -> {
                Contexts.until("fetched", () -> registry.requests().ofName("a") == 1 && isStopped(context));
                assertThat(registry.requests().count(Endpoint.ALL_DOCS)).isZero();
                assertThat(registry.requests().ofName("b")).isZero();
                assertThat(health(context, "job").getStatus()).isEqualTo(Status.UP);
            });
        }
    }

    private static boolean isStopped(ApplicationContext context) {
        return health(context, "job").getDetails().get("state").equals("stopped");
    }

    private NameList list(String... names) {
        try {
            Path file = Files.write(folder.resolve("names.txt"), List.of(names));
            return NameList.open(file, "names.txt");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void properties_ofTheJob_areThoseOfTheProgram() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names("a").start()) {
            runner(registry)
                    .withPropertyValues(
                            "all-docs.sync.form=abbreviated",
                            "all-docs.sync.start=b",
                            "all-docs.sync.end=d",
                            "all-docs.sync.allow=c*,bb",
                            "all-docs.sync.deny=cc",
                            "all-docs.sync.deletions=delete",
                            "all-docs.sync.list-every=0s",
                            "all-docs.http.rate=7",
                            "all-docs.http.contact=https://example.com/contact")
                    .run(context -> {
                        SyncJob job = context.getBean(RegistrySync.class).job();
                        assertThat(job.toJson())
                                .isEqualTo(SyncJob.of(job.toJson()).toJson());
                        assertThat(Stream.of("c", "cc", "bb", "b").filter(job.filter()::allows))
                                .containsExactly("c", "bb");
                        assertThat(job.range()).hasToString("[b-d]");
                        assertThat(job.form()).isEqualTo(SyncForm.ABBREVIATED);
                        assertThat(job.deletions()).isEqualTo(DeletionPolicy.DELETE);
                        assertThat(context.getBean(FollowOptions.class))
                                .isEqualTo(FollowOptions.DEFAULT
                                        .interval(Duration.ofMillis(10), Duration.ofMillis(50))
                                        .listEvery(Duration.ZERO));
                        assertThat(context.getBean(HttpSettings.class).rate()).contains(7.0);
                    });
        }
    }
}
