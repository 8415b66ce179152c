package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Fault;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SyncStatusTest {
    private final Cache cache =
            Cache.builder().driver(new MemoryStorageDriver()).build();

    private RegistrySync open(EmbeddedRegistry registry, SyncListener listener) {
        return RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(SyncJob.builder()
                        .origin(registry.origin())
                        .registry(registry.origin())
                        .build())
                .cache(cache)
                .lagWait(Duration.ofMillis(10))
                .listener(listener)
                .build();
    }

    private static EmbeddedRegistry registry() {
        return EmbeddedRegistry.builder().names(60).mixedStates(false).start();
    }

    private static void assertIdle(SyncStatus status) {
        assertThat(status.state()).isEqualTo(SyncStatus.State.STOPPED);
        assertThat(status.phase()).isNull();
        assertThat(status.done()).isZero();
        assertThat(status.total()).isEmpty();
        assertThat(status.toJson().path("total").isNull()).isTrue();
    }

    @Test
    void status_inEachPhase_namesItAndItsTotalWhereKnown() {
        AtomicReference<RegistrySync> running = new AtomicReference<>();
        Map<SyncPhase, SyncStatus> seen = new EnumMap<>(SyncPhase.class);
        SyncListener listener = new SyncListener() {
            @Override
            public void phaseStarted(SyncPhase phase, long total) {
                seen.put(phase, running.get().status());
            }
        };
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry, listener)) {
            running.set(sync);
            registry.publish(registry.names().get(3));
            registry.faults().set(Fault.stale(1));
            assertIdle(sync.status());

            sync.bootstrap();

            assertIdle(sync.status());
        }
        assertThat(seen.keySet())
                .containsExactly(SyncPhase.PLAN, SyncPhase.LIST, SyncPhase.FETCH, SyncPhase.REPLAY, SyncPhase.SETTLE);
        seen.forEach((phase, status) -> {
            assertThat(status.state()).isEqualTo(SyncStatus.State.STARTING);
            assertThat(status.phase()).isEqualTo(phase);
            assertThat(status.toJson().path("phase").asText()).isEqualTo(phase.label());
        });
        assertThat(total(seen, SyncPhase.PLAN)).isEmpty();
        assertThat(total(seen, SyncPhase.LIST)).isEmpty();
        assertThat(total(seen, SyncPhase.FETCH)).hasValue(60);
        assertThat(total(seen, SyncPhase.REPLAY)).isEmpty();
        assertThat(total(seen, SyncPhase.SETTLE)).hasValue(1);
    }

    private static OptionalLong total(Map<SyncPhase, SyncStatus> seen, SyncPhase phase) {
        return Objects.requireNonNull(seen.get(phase)).total();
    }

    /** The same applies to a follower, from its start on. */
    @Test
    void status_whileTheJobIsAtWork_alwaysHasAPhase() throws Exception {
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry, SyncListener.NONE)) {
            var end = sync.start(FollowOptions.DEFAULT.until(FollowOptions.Until.IDLE));
            while (!end.isDone()) {
                SyncStatus status = sync.status();
                if (status.state() == SyncStatus.State.STARTING) {
                    assertThat(status.phase()).isNotNull();
                }
            }
            end.get();
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.STOPPED);
        }
    }
}
