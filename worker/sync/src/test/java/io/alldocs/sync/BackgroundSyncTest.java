package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.RetryPolicy;
import io.alldocs.partition.Sequence;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests a background job that is closed at a critical moment, whose store fails, or whose records are damaged. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("try") // the test closes it explicitly
class BackgroundSyncTest {
    private static final FollowOptions FAST =
            FollowOptions.DEFAULT.interval(Duration.ofMillis(20), Duration.ofMillis(50));

    private final MemoryStorageDriver store = new MemoryStorageDriver();

    private static EmbeddedRegistry registry() {
        return EmbeddedRegistry.builder().names(60).mixedStates(false).start();
    }

    private RegistrySync open(EmbeddedRegistry registry, SyncListener listener) {
        SyncJob job = SyncJob.builder()
                .origin(registry.origin())
                .registry(registry.origin())
                .build();
        return open(job, listener, store);
    }

    private static RegistrySync open(SyncJob job, SyncListener listener, StorageDriver driver) {
        return RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(job)
                .cache(Cache.builder().driver(driver).build())
                .listener(listener)
                .http(BaseHttpClient.builder().retry(RetryPolicy.none()))
                .lagWait(Duration.ofMillis(10))
                .failureLimit(5)
                .build();
    }

    @Test
    void close_whenTheEndIsReported_returns() throws Exception {
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry, SyncListener.NONE)) {
            CompletableFuture<Void> closed =
                    sync.start(FAST.until(FollowOptions.Until.IDLE)).whenComplete((done, failure) -> sync.close());

            closed.get(30, TimeUnit.SECONDS);
        }
    }

    /** The background thread may not have claimed the job yet. */
    @Test
    void status_rightAfterStart_isNotStopped() {
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry, SyncListener.NONE)) {
            registry.faults().set(Fault.latency(Duration.ofMillis(200)).on(Endpoint.INFO));
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.STOPPED);

            CompletableFuture<Void> end = sync.start(FAST);

            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.STARTING);
            assertThat(sync.status().phase()).isEqualTo(SyncPhase.PLAN);
            sync.close();
            assertThat(end).isCompleted();
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.STOPPED);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SyncPhase.class,
            names = {"LIST", "FETCH", "REPLAY"})
    void close_byAListenerInAPhase_endsTheJobWhichResumes(SyncPhase phase) throws Exception {
        try (EmbeddedRegistry registry = registry()) {
            AtomicReference<RegistrySync> running = new AtomicReference<>();
            RegistrySync sync = open(registry, new SyncListener() {
                @Override
                public void phaseStarted(SyncPhase started, long total) {
                    if (started == phase) {
                        running.get().close();
                    }
                }
            });
            running.set(sync);
            sync.start(FAST).get(30, TimeUnit.SECONDS);
            sync.close();

            try (RegistrySync next = open(registry, SyncListener.NONE)) {
                assertThat(next.bootstrap().status()).isEqualTo(SyncResult.Status.COMPLETE);
            }
        }
    }

    @Test
    void close_byFourThreadsAtOnce_succeedsAndStartIsRefusedFromThenOn() throws Exception {
        try (EmbeddedRegistry registry = registry()) {
            RegistrySync sync = open(registry, SyncListener.NONE);
            assertThat(sync.start(FAST)).isNotNull();
            ExecutorService threads = Executors.newFixedThreadPool(4);
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                calls.add(threads.submit(sync::close));
            }
            for (Future<?> call : calls) {
                call.get();
            }
            threads.shutdown();
            sync.close();
            assertThatThrownBy(sync::bootstrap)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");

            RegistrySync unused = open(registry, SyncListener.NONE);
            unused.close();
            assertThatThrownBy(unused::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    /** Runs before each write of a record whose key contains a given text. */
    private interface Obstacle {
        void meet() throws InterruptedException;
    }

    private StorageDriver before(String text, Obstacle obstacle) {
        return HookedStore.of(store, (method, key) -> {
            if (method.equals("put") && key.contains(text)) {
                obstacle.meet();
            }
        });
    }

    /** A job that is slow to end is interrupted again every second. */
    @Test
    void close_whileTheStoreIsSlow_releasesTheClaim() throws Exception {
        StorageDriver slow = before("v1:beat:", () -> {
            if (new CountDownLatch(1).await(1_500, TimeUnit.MILLISECONDS)) {
                throw new AssertionError();
            }
        });
        try (EmbeddedRegistry registry = registry()) {
            CountDownLatch following = new CountDownLatch(1);
            SyncListener listener = new SyncListener() {
                @Override
                public void following(Sequence position) {
                    following.countDown();
                }
            };
            SyncJob job = SyncJob.builder()
                    .origin(registry.origin())
                    .registry(registry.origin())
                    .build();
            try (RegistrySync sync = open(job, listener, slow)) {
                assertThat(sync.start(FAST)).isNotNull();
                assertThat(following.await(30, TimeUnit.SECONDS)).isTrue();
            }

            try (RegistrySync next = open(registry, SyncListener.NONE)) {
                assertThat(next.bootstrap().status()).isEqualTo(SyncResult.Status.COMPLETE);
            }
        }
    }

    @Test
    void follow_storeFailsAtAStalePartition_recordsItLater() throws Exception {
        AtomicBoolean fails = new AtomicBoolean(true);
        StorageDriver driver = before(":stale:", () -> {
            if (fails.getAndSet(false)) {
                throw new StorageException("away", true, null);
            }
        });
        try (EmbeddedRegistry registry = registry()) {
            SyncJob job = SyncJob.builder()
                    .origin(registry.origin())
                    .registry(registry.origin())
                    .build();
            try (RegistrySync sync = open(job, SyncListener.NONE, driver)) {
                sync.bootstrap();
                registry.publish("brand-new");
                sync.follow(FAST.until(FollowOptions.Until.IDLE));
                assertThat(fails).isFalse();
            }
            try (RegistrySync next = open(registry, SyncListener.NONE)) {
                assertThat(next.state().stale()).isNotEmpty();
            }
        }
    }

    @Test
    void start_withoutOrigin_waitsForItsRegistry(@TempDir Path folder) throws Exception {
        try (EmbeddedRegistry registry = registry()) {
            NameList file = NameList.open(
                    Files.write(folder.resolve("names.txt"), registry.names()).toString(),
                    InputStream.nullInputStream());
            SyncJob job = SyncJob.builder()
                    .withoutOrigin()
                    .registry(registry.origin())
                    .names(file)
                    .build();
            registry.faults().set(Fault.status(503, 1).on(Endpoint.PACKUMENT));
            List<String> events = new ArrayList<>();
            SyncListener listener = new SyncListener() {
                @Override
                public void paused(RuntimeException cause) {
                    events.add("paused");
                    registry.faults().clear();
                }

                @Override
                public void resumed(Duration outage) {
                    events.add("resumed");
                }
            };
            try (RegistrySync sync = open(job, listener, store)) {
                sync.start(FAST).get(30, TimeUnit.SECONDS);

                assertThat(events).containsExactly("paused", "resumed");
                assertThat(sync.reportStored().status()).isEqualTo(SyncReport.Status.COMPLETE);
            }
        }
    }

    private void damage(String part, String text) throws Exception {
        List<String> keys;
        try (Stream<String> all = store.list("v1:", null)) {
            keys = all.filter(key -> key.contains(part)).toList();
        }
        assertThat(keys).isNotEmpty();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (String key : keys) {
            store.put(key, EntryMetadata.bare(bytes.length, null, Instant.EPOCH), Body.of(bytes));
        }
    }

    /** Follows the feed and leaves one name to be retried. */
    private String follow(EmbeddedRegistry registry) {
        String name = registry.names().get(5);
        try (RegistrySync sync = open(registry, SyncListener.NONE)) {
            sync.bootstrap();
            registry.faults().set(Fault.status(503, 1).on(Endpoint.PACKUMENT));
            registry.publish(name);
            sync.follow(FAST.until(FollowOptions.Until.ONCE));
            registry.faults().clear();
            assertThat(sync.state().retries()).isEqualTo(1);
        }
        return name;
    }

    @Test
    void follow_damagedRetriesAndStaleRecords_losesNoChange() throws Exception {
        try (EmbeddedRegistry registry = registry()) {
            String name = follow(registry);
            damage(":retries:", "{");
            damage(":stale:", "{");
            registry.requests().reset();

            try (RegistrySync next = open(registry, SyncListener.NONE)) {
                assertThat(next.state().stale()).isNotEmpty();
                assertThat(next.follow(FAST.until(FollowOptions.Until.IDLE))).isTrue();
                assertThat(next.packument(name).rev()).isEqualTo(registry.rev(name));
            }
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1:bootstrap:", ":sequence", ":stale:", ":retries:", "v1:lock:", "v1:beat:"})
    void bootstrap_recordWithWrongFields_completes(String part) throws Exception {
        try (EmbeddedRegistry registry = registry()) {
            String name = follow(registry);
            damage(
                    part,
                    "{\"version\":2,\"sequence\":{\"a\":[1]},\"retries\":[3],\"at\":\"noon\",\"since\":\"noon\","
                            + "\"baseline\":\"noon\",\"released\":true}");

            try (RegistrySync next = open(registry, SyncListener.NONE)) {
                assertThat(JobState.all(next.cache())).hasSizeLessThanOrEqualTo(1);
                assertThat(next.bootstrap().status()).isEqualTo(SyncResult.Status.COMPLETE);
                assertThat(next.packument(name).rev()).isEqualTo(registry.rev(name));
            }
        }
    }
}
