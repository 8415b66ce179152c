package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.packument.PackumentResult;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests a listener that throws or blocks. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SyncListenerTest {
    private static final int NAMES = 60;
    private static final FollowOptions FAST =
            FollowOptions.DEFAULT.interval(Duration.ofMillis(20), Duration.ofMillis(50));

    private final Cache cache =
            Cache.builder().driver(new MemoryStorageDriver()).build();

    private static EmbeddedRegistry registry() {
        return EmbeddedRegistry.builder().names(NAMES).mixedStates(false).start();
    }

    private RegistrySync open(EmbeddedRegistry registry, SyncListener listener) {
        return TestSync.builder(registry, cache).listener(listener).build();
    }

    private interface Reaction {
        void on(String method) throws Throwable;
    }

    private static SyncListener listener(Reaction reaction) {
        return (SyncListener) Proxy.newProxyInstance(
                SyncListener.class.getClassLoader(), new Class<?>[] {SyncListener.class}, (proxy, method, args) -> {
                    reaction.on(method.getName());
                    return null;
                });
    }

    static Stream<Throwable> failures() {
        return Stream.of(
                new IllegalStateException("a bug"),
                new AssertionError("a bug"),
                new NoClassDefFoundError("a jar is missing"),
                new IOException("checked, as Kotlin throws it"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void follow_listenerThrowsInEveryMethod_completes(Throwable failure) {
        Set<String> called = ConcurrentHashMap.newKeySet();
        SyncListener throwing = listener(method -> {
            called.add(method);
            throw failure;
        });
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry, throwing)) {
            assertThat(sync.bootstrap().status()).isEqualTo(SyncResult.Status.COMPLETE);
            registry.publish(registry.names().get(5));
            registry.faults().set(Fault.status(503, 1).on(Endpoint.PACKUMENT));
            sync.follow(FAST.until(FollowOptions.Until.ONCE));
            registry.faults().clear();

            assertThat(sync.follow(FAST.until(FollowOptions.Until.IDLE))).isTrue();

            assertThat(called)
                    .contains("phaseStarted", "progressed", "phaseEnded", "outcome", "failed", "changed", "following");
            TestSync.assertCurrent(sync, registry);
            assertThat(sync.reportStored().status()).isEqualTo(SyncReport.Status.COMPLETE);
        }
    }

    /** All fetching threads are blocked; meanwhile nothing fails, and the status is available. */
    @Test
    void start_listenerBlocks_continuesWhenItReturns() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        SyncListener blocking = listener(method -> {
            if (method.equals("outcome")) {
                blocked.countDown();
                release.await();
            }
        });
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry, blocking)) {
            CompletableFuture<Void> end = sync.start(FAST.until(FollowOptions.Until.IDLE));
            assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();

            SyncStatus status = sync.status();
            assertThat(status.phase()).isEqualTo(SyncPhase.FETCH);
            assertThat(status.total()).hasValue(NAMES);
            assertThat(end).isNotDone();

            release.countDown();
            end.get(30, TimeUnit.SECONDS);
            TestSync.assertCurrent(sync, registry);
        }
    }

    /** Everything fetched until then is stored and not requested again. */
    @Test
    void close_whileAListenerBlocks_returnsAndTheNextRunResumes() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        SyncListener blocking = new SyncListener() {
            @Override
            public void outcome(PackumentResult result) {
                blocked.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        try (EmbeddedRegistry registry = registry()) {
            AtomicReference<RegistrySync> running = new AtomicReference<>(open(registry, blocking));
            CompletableFuture<Void> end = running.get().start(FAST);
            assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();

            CompletableFuture<Void> closed =
                    CompletableFuture.runAsync(() -> running.get().close());
            release.countDown();
            closed.get(30, TimeUnit.SECONDS);

            assertThat(end).isDone();
            long stored = stored();
            try (RegistrySync next = open(registry, SyncListener.NONE)) {
                SyncResult result = next.bootstrap();
                assertThat(result.status()).isEqualTo(SyncResult.Status.COMPLETE);
                assertThat(result.work().fetched()).isEqualTo(NAMES - stored);
                TestSync.assertCurrent(next, registry);
            }
        }
    }

    private long stored() {
        try (Stream<String> keys = cache.keys("v1:packument:")) {
            return keys.count();
        }
    }
}
