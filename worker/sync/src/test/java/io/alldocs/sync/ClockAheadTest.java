package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.packument.PackumentResult;
import io.alldocs.partition.Sequence;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests a machine whose clock was 400 days ahead while a job ran, and was then corrected. No stored time may delay the
 * job or hide outdated entries.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClockAheadTest {
    private static final Duration AHEAD = Duration.ofDays(400);
    private static final FollowOptions FAST =
            FollowOptions.DEFAULT.interval(Duration.ofMillis(20), Duration.ofMillis(50));

    private final MemoryStorageDriver store = new MemoryStorageDriver();
    private final TurnedClock clock = new TurnedClock();
    private final Cache cache = Cache.builder().driver(store).clock(clock).build();

    private static EmbeddedRegistry registry() {
        return EmbeddedRegistry.builder().names(60).mixedStates(false).start();
    }

    private RegistrySync open(EmbeddedRegistry registry, SyncListener listener) {
        return TestSync.builder(registry, cache).listener(listener).build();
    }

    private RegistrySync open(EmbeddedRegistry registry) {
        return open(registry, SyncListener.NONE);
    }

    @Test
    void follow_retryOfTheFuture_isDueAtOnce() {
        clock.setAhead(AHEAD);
        try (EmbeddedRegistry registry = registry()) {
            try (RegistrySync sync = open(registry)) {
                sync.bootstrap();
                registry.faults().set(Fault.status(503, 1).on(Endpoint.PACKUMENT));
                registry.publish(registry.names().get(5));
                sync.follow(FAST.until(FollowOptions.Until.ONCE));
                registry.faults().clear();
                assertThat(sync.state().retries()).isEqualTo(1);
                assertThat(sync.steps(2).nextRetryDue().orElseThrow()).isAfter(Instant.now());
                clock.setAhead(Duration.ZERO);

                assertThat(sync.follow(FAST.until(FollowOptions.Until.IDLE))).isTrue();

                assertThat(sync.state().retries()).isZero();
                TestSync.assertCurrent(sync, registry);
            }
        }
    }

    /** The same process continues, as on a machine that gets its time from the network after its start. */
    @Test
    void start_clockIsCorrectedWhileARetryWaits_requestsItSoon() throws Exception {
        clock.setAhead(AHEAD);
        CountDownLatch following = new CountDownLatch(1);
        CountDownLatch failed = new CountDownLatch(1);
        CountDownLatch changed = new CountDownLatch(1);
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry, new SyncListener() {
                    @Override
                    public void following(Sequence position) {
                        following.countDown();
                    }

                    @Override
                    public void failed(String item, RuntimeException failure) {
                        failed.countDown();
                    }

                    @Override
                    public void changed(ChangedPackage change) {
                        changed.countDown();
                    }
                })) {
            assertThat(sync.start(FAST)).isNotNull();
            assertThat(following.await(30, TimeUnit.SECONDS)).isTrue();
            registry.faults().set(Fault.status(503, 1).on(Endpoint.PACKUMENT));
            registry.publish(registry.names().get(5));
            assertThat(failed.await(30, TimeUnit.SECONDS)).isTrue();
            registry.faults().clear();

            clock.setAhead(Duration.ZERO);

            assertThat(changed.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Entries stored with the wrong clock do not belong to a later run, even if their time is later. */
    @Test
    void reload_entriesOfTheFuture_areAllRequested() {
        clock.setAhead(AHEAD);
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry)) {
            sync.bootstrap();
            clock.setAhead(Duration.ZERO);
            registry.requests().reset();

            assertThat(sync.reload().status()).isEqualTo(SyncResult.Status.COMPLETE);

            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(60);
        }
    }

    /** Pages and packuments with a time in the future would hide names that are new in the new epoch, and changes. */
    @Test
    void follow_newEpochAfterTheClockWasCorrected_fetchesWhatIsNew() {
        clock.setAhead(AHEAD);
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry)) {
            sync.bootstrap();
            clock.setAhead(Duration.ZERO);
            registry.publish(registry.names().get(7));
            registry.publish("brand-new");
            registry.resetSequence();

            assertThat(sync.follow(FAST.until(FollowOptions.Until.IDLE))).isTrue();

            TestSync.assertCurrent(sync, registry);
            assertThat(sync.packument("brand-new").rev()).isEqualTo(registry.rev("brand-new"));
        }
    }

    /** The baseline is in the future, so no entry stored since would count. */
    @Test
    void reload_stoppedBeforeTheClockWasCorrected_resumesAndRequestsNothingTwice() throws Exception {
        clock.setAhead(AHEAD);
        try (EmbeddedRegistry registry = registry()) {
            stopAfter(20, registry);
            clock.setAhead(Duration.ZERO);
            stopAfter(20, registry);
            registry.requests().reset();
            long stored = storedByNow();

            try (RegistrySync sync = open(registry)) {
                assertThat(sync.bootstrap().status()).isEqualTo(SyncResult.Status.COMPLETE);
            }

            assertThat(stored).isGreaterThanOrEqualTo(20);
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(60 - stored);
            assertThat(storedByNow()).isEqualTo(60);
        }
    }

    private long storedByNow() {
        Instant now = clock.instant();
        try (var keys = cache.keys("v1:packument:")) {
            return keys.filter(
                            key -> !store.head(key).orElseThrow().validatedAt().isAfter(now))
                    .count();
        }
    }

    /** Reloads and interrupts the run after {@code names} names. */
    private void stopAfter(int names, EmbeddedRegistry registry) throws Exception {
        CountDownLatch stored = new CountDownLatch(names);
        registry.faults().set(Fault.latency(Duration.ofMillis(20)).on(Endpoint.PACKUMENT));
        try (RegistrySync sync = RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(SyncJob.builder()
                        .origin(registry.origin())
                        .registry(registry.origin())
                        .build())
                .cache(cache)
                .concurrency(2)
                .listener(new SyncListener() {
                    @Override
                    public void outcome(PackumentResult result) {
                        stored.countDown();
                    }
                })
                .build()) {
            Thread run = new Thread(sync.state().begun().equals(Instant.EPOCH) ? sync::reload : sync::bootstrap);
            run.start();
            assertThat(stored.await(30, TimeUnit.SECONDS)).isTrue();
            run.interrupt();
            run.join();
        }
        registry.faults().clear();
    }

    @Test
    void follow_clockIsCorrected_listsAgainInTime() throws Exception {
        clock.setAhead(AHEAD);
        CountDownLatch following = new CountDownLatch(1);
        CountDownLatch listed = new CountDownLatch(1);
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry, new SyncListener() {
                    @Override
                    public void following(Sequence position) {
                        following.countDown();
                    }

                    @Override
                    public void phaseStarted(SyncPhase phase, long total) {
                        if (phase == SyncPhase.LIST && following.getCount() == 0) {
                            listed.countDown();
                        }
                    }
                })) {
            assertThat(sync.start(FAST.listEvery(Duration.ofDays(1)))).isNotNull();
            assertThat(following.await(30, TimeUnit.SECONDS)).isTrue();

            clock.setAhead(Duration.ZERO);

            assertThat(listed.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The heartbeat is in the future, and its owner has ended. */
    @Test
    void bootstrap_claimOfTheFuture_isTakenOver() {
        clock.setAhead(AHEAD);
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry)) {
            long claim = sync.claimShared("a fleet that is gone");
            clock.setAhead(Duration.ZERO);

            assertThat(sync.bootstrap().status()).isEqualTo(SyncResult.Status.COMPLETE);

            assertThat(claim).isEqualTo(1);
        }
    }
}
