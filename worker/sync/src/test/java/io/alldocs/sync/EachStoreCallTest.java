package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.JdkTransport;
import io.alldocs.http.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests a job that is disturbed at one call to its store, for each call in turn. The store fails, the calling thread is
 * interrupted, or the job is closed. The job must then end as documented. The next run must resume, complete, and
 * request no stored name.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("try") // the test closes it explicitly
class EachStoreCallTest {
    private static final FollowOptions FAST =
            FollowOptions.DEFAULT.interval(Duration.ofMillis(2), Duration.ofMillis(10));

    private static final List<String> NAMES = List.of("a", "b", "c");

    private static final HttpTransport TRANSPORT = JdkTransport.create();

    private static EmbeddedRegistry registry;

    /** A finished job with one name to be retried. */
    private static MemoryStorageDriver withRetry;

    private static SyncJob job;

    @BeforeAll
    static void start() {
        registry = EmbeddedRegistry.builder().names(NAMES).mixedStates(false).start();
        job = SyncJob.builder()
                .origin(registry.origin())
                .registry(registry.origin())
                .build();
        withRetry = new MemoryStorageDriver();
        try (RegistrySync sync = open(withRetry.share(), new At(0, () -> {}))) {
            sync.bootstrap();
            registry.publish("b");
            registry.faults().set(Fault.status(503, 1).on(Endpoint.PACKUMENT));
            sync.follow(FAST.until(FollowOptions.Until.ONCE));
            registry.faults().clear();
            assertThat(sync.state().retries()).isEqualTo(1);
        }
        registry.publish("c");
    }

    @AfterAll
    static void stop() {
        registry.close();
        TRANSPORT.close();
    }

    private interface Event {
        void happen() throws Exception;
    }

    /** Counts the calls, and triggers an event before or after one of them. */
    private static final class At implements HookedStore.Hook {
        private final int call;
        private final Event event;
        private final AtomicInteger calls = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();
        private volatile boolean happened;
        private volatile boolean fromThenOn;
        private volatile boolean afterwards;

        At(int call, Event event) {
            this.call = call;
            this.event = event;
        }

        @Override
        public void before(String method, String key) throws Exception {
            int number = calls.incrementAndGet();
            if (!afterwards && (number == call || (fromThenOn && number > call))) {
                happened = true;
                event.happen();
            }
        }

        @Override
        public void after(String method, String key) throws Exception {
            if (ended.incrementAndGet() == call && afterwards) {
                event.happen();
            }
        }
    }

    private static RegistrySync open(MemoryStorageDriver store, HookedStore.Hook hook) {
        return RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(job)
                .cache(Cache.builder().driver(HookedStore.of(store, hook)).build())
                .http(BaseHttpClient.builder().retry(RetryPolicy.none()))
                .transport(TRANSPORT)
                .concurrency(1)
                .lagWait(Duration.ofMillis(1))
                .build();
    }

    private static MemoryStorageDriver copy(MemoryStorageDriver from) {
        MemoryStorageDriver copy = new MemoryStorageDriver();
        try (Stream<String> keys = from.list("", null)) {
            keys.forEach(key -> {
                try (Body body = from.get(key).orElseThrow().body()) {
                    copy.put(key, from.head(key).orElseThrow(), body);
                }
            });
        }
        return copy;
    }

    /** Returns the number of calls that {@code run} makes without an event. */
    private static int calls(MemoryStorageDriver store, Function<RegistrySync, ?> run) {
        At none = new At(0, () -> {});
        try (RegistrySync sync = open(copy(store), none)) {
            Object unused = run.apply(sync);
        }
        return none.calls.get();
    }

    /** Asserts that the next run completes the job and requests only what is not stored. */
    private static void assertResumes(MemoryStorageDriver store, String when) {
        assertResumes(store, Instant.EPOCH, when);
    }

    /** @param since when a reload began; entries stored before count as missing */
    private static void assertResumes(MemoryStorageDriver store, Instant since, String when) {
        long missing =
                NAMES.stream().filter(name -> !isStored(store, name, since)).count();
        try (RegistrySync next = open(store, new At(0, () -> {}))) {
            SyncResult result = next.bootstrap();
            assertThat(result.status()).as("%s: %s", when, result.reason()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(result.work().fetched() + result.work().unchanged())
                    .as(when)
                    .isEqualTo(missing);
            assertThat(next.state().retries()).as(when).isZero();
            assertThat(next.state().finished()).as(when).isNotNull();
            for (String name : NAMES) {
                assertThat(next.packument(name).rev()).as("%s: %s", when, name).isEqualTo(registry.rev(name));
            }
        }
    }

    private static boolean isStored(MemoryStorageDriver store, String name, Instant since) {
        return registry.rev(name).equals(rev(store, name))
                && !store.head(CacheKey.packument(registry.origin(), name).toString())
                        .orElseThrow()
                        .validatedAt()
                        .isBefore(since);
    }

    private static Optional<String> rev(MemoryStorageDriver store, String name) {
        return store.head(CacheKey.packument(registry.origin(), name).toString())
                .map(EntryMetadata::rev);
    }

    private static JobState state(MemoryStorageDriver store) {
        return JobState.find(Cache.builder().driver(store.share()).build(), job).orElseThrow();
    }

    private static Instant begun(MemoryStorageDriver store) {
        return state(store).begun();
    }

    /** Asserts that no work is left and that this is recorded. */
    private static void assertFinished(MemoryStorageDriver store, String when) {
        assertThat(state(store).retries()).as(when).isZero();
        assertThat(state(store).finished()).as(when).isNotNull();
        for (String name : NAMES) {
            assertThat(rev(store, name)).as("%s: %s", when, name).isEqualTo(registry.rev(name));
        }
    }

    /** How a store fails. */
    enum Failing {
        ONCE,
        ONCE_THOUGH_IT_DID_THE_CALL,
        FROM_THEN_ON
    }

    private static At failing(int call, Failing how, boolean retryable) {
        At hook = new At(call, () -> {
            throw new StorageException("The disk is full.", retryable, null);
        });
        hook.fromThenOn = how == Failing.FROM_THEN_ON;
        hook.afterwards = how == Failing.ONCE_THOUGH_IT_DID_THE_CALL;
        return hook;
    }

    @ParameterizedTest
    @EnumSource(Failing.class)
    void bootstrap_storeFails_saysSoAndTheNextRunResumes(Failing how) {
        MemoryStorageDriver empty = new MemoryStorageDriver();
        int calls = calls(empty, RegistrySync::bootstrap);
        for (int call = 1; call <= calls; call++) {
            MemoryStorageDriver store = new MemoryStorageDriver();
            try (RegistrySync sync = open(store, failing(call, how, false))) {
                SyncResult result = sync.bootstrap();
                if (result.status() == SyncResult.Status.COMPLETE) {
                    assertThat(JobState.find(
                                            Cache.builder()
                                                    .driver(store.share())
                                                    .build(),
                                            job)
                                    .orElseThrow()
                                    .finished())
                            .as("call " + call)
                            .isNotNull();
                } else {
                    assertThat(result.status()).as("call " + call).isEqualTo(SyncResult.Status.PARTIAL);
                    assertThat(result.reason() + result.failures())
                            .as("call " + call)
                            .contains("The disk is full.");
                }
            } catch (StorageException e) {
                assertThat(e).hasMessage("The disk is full.");
            }
            assertResumes(store, how + " at call " + call);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Failing.class,
            names = {"ONCE", "ONCE_THOUGH_IT_DID_THE_CALL"})
    void start_storeIsAwayForOneCall_waitsAndCompletes(Failing how) throws Exception {
        int calls = calls(withRetry, sync -> sync.follow(FAST.until(FollowOptions.Until.IDLE)));
        for (int call = 1; call <= calls; call++) {
            MemoryStorageDriver store = copy(withRetry);
            String when = how + " at call " + call;
            try (RegistrySync sync = open(store, failing(call, how, true))) {
                CompletableFuture<Void> end = sync.start(FAST.until(FollowOptions.Until.IDLE));
                try {
                    end.get(30, TimeUnit.SECONDS);
                } catch (Exception e) {
                    fail(when, e);
                }
            }
            assertFinished(store, when);
        }
    }

    @Test
    void start_emptyStoreIsAwayForOneCall_waitsAndCompletes() throws Exception {
        MemoryStorageDriver empty = new MemoryStorageDriver();
        int calls = calls(empty, sync -> sync.follow(FAST.until(FollowOptions.Until.IDLE)));
        for (int call = 1; call <= calls; call++) {
            MemoryStorageDriver store = new MemoryStorageDriver();
            try (RegistrySync sync = open(store, failing(call, Failing.ONCE, true))) {
                sync.start(FAST.until(FollowOptions.Until.IDLE)).get(30, TimeUnit.SECONDS);
            }
            assertFinished(store, "call " + call);
        }
    }

    private static final String RELOAD = "reload";

    /** The calls of the library that start work. */
    private static final Map<String, Function<RegistrySync, ?>> CALLS = Map.of(
            "bootstrap",
            RegistrySync::bootstrap,
            RELOAD,
            RegistrySync::reload,
            "follow",
            sync -> sync.follow(FAST.until(FollowOptions.Until.IDLE)),
            "report",
            RegistrySync::report,
            "repair",
            sync -> sync.repair(sync.reportStored()));

    static Stream<String> calls() {
        return CALLS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("calls")
    void call_interrupted_endsSoonKeepsTheInterruptAndTheNextRunResumes(String called) {
        Function<RegistrySync, ?> run = Objects.requireNonNull(CALLS.get(called));
        int calls = calls(withRetry, run);
        for (int call = 1; call <= calls; call++) {
            MemoryStorageDriver store = copy(withRetry);
            Thread caller = Thread.currentThread();
            String when = called + " interrupted at call " + call;
            At hook = new At(call, caller::interrupt);
            try (RegistrySync sync = open(store, hook)) {
                Object result = run.apply(sync);
                // claims of earlier runs are deleted meanwhile, or by the next run, so there may be fewer calls
                assertThat(Thread.interrupted()).as(when).isEqualTo(hook.happened);
                if (result instanceof SyncResult ended) {
                    assertThat(ended.status())
                            .as("%s: %s", when, ended.reason())
                            .isIn(SyncResult.Status.INTERRUPTED, SyncResult.Status.COMPLETE);
                }
            }
            assertResumes(store, called.equals(RELOAD) ? begun(store) : Instant.EPOCH, when);
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void call_interruptedBefore_endsSoonAndKeepsTheInterrupt(String called) {
        MemoryStorageDriver store = copy(withRetry);
        try (RegistrySync sync = open(store, new At(0, () -> {}))) {
            Thread.currentThread().interrupt();
            Object unused = Objects.requireNonNull(CALLS.get(called)).apply(sync);
            assertThat(Thread.interrupted()).isTrue();
        }
        assertResumes(store, called.equals(RELOAD) ? begun(store) : Instant.EPOCH, called);
    }

    @Test
    void close_byAnotherThread_endsWhatWasStartedAndTheNextRunResumes() throws Exception {
        MemoryStorageDriver empty = new MemoryStorageDriver();
        int calls = calls(empty, sync -> sync.follow(FAST.until(FollowOptions.Until.IDLE)));
        for (int call = 1; call <= calls; call++) {
            MemoryStorageDriver store = new MemoryStorageDriver();
            CompletableFuture<Void> reached = new CompletableFuture<>();
            At hook = new At(call, () -> reached.complete(null));
            RegistrySync sync = open(store, hook);
            CompletableFuture<Void> end = sync.start(FAST);
            reached.get(30, TimeUnit.SECONDS);
            sync.close();
            assertThat(end).as("call " + call).isCompleted();
            assertResumes(store, "closed at call " + call);
        }
    }

    @Test
    void close_byAnotherThreadWhileACallIsAtWork_endsItAndTheNextRunResumes() throws Exception {
        MemoryStorageDriver empty = new MemoryStorageDriver();
        int calls = calls(empty, RegistrySync::bootstrap);
        for (int call = 1; call <= calls; call++) {
            MemoryStorageDriver store = new MemoryStorageDriver();
            CompletableFuture<Void> reached = new CompletableFuture<>();
            At hook = new At(call, () -> reached.complete(null));
            RegistrySync sync = open(store, hook);
            CompletableFuture<Object> run = CompletableFuture.supplyAsync(sync::bootstrap);
            CompletableFuture.anyOf(reached, run).get(30, TimeUnit.SECONDS);
            sync.close();
            run.handle((result, failure) -> failure == null ? result : failure).get(30, TimeUnit.SECONDS);
            assertResumes(store, "closed at call " + call);
        }
    }
}
