package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.throwable;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tests a run that a user ends because its store is unavailable. */
class StoreAwayTest {
    private static final URI REGISTRY = URI.create("http://127.0.0.1:1");

    private final MemoryStorageDriver store = new MemoryStorageDriver();
    private final AtomicBoolean away = new AtomicBoolean();
    private final AtomicInteger failures = new AtomicInteger();

    @Test
    void run_interruptedWhileItsStoreIsAway_saysWhatEndedItAndKeepsTheInterrupt() {
        try (Cache cache = Cache.builder().driver(driver()).build();
                RegistrySync sync = RegistrySync.builder()
                        .env(Env.of(Map.of()))
                        .job(SyncJob.builder()
                                .origin(REGISTRY)
                                .registry(REGISTRY)
                                .build())
                        .cache(cache)
                        .build();
                JobOwner owner = sync.claim("test")) {
            assertThat(owner.epoch()).isEqualTo(1);
            away.set(true);

            assertThatThrownBy(sync::bootstrap)
                    .isInstanceOf(StorageException.class)
                    .hasMessage("Away, failure 1")
                    .satisfies(first -> assertThat(first.getSuppressed())
                            .singleElement()
                            .asInstanceOf(throwable(StorageException.class))
                            .hasMessage("Away, failure 2"));
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    /** Returns a store that interrupts the thread of the first failed call. */
    private StorageDriver driver() {
        return HookedStore.of(store, (method, key) -> {
            if (key.startsWith("v1:checkpoint:") && away.get()) {
                if (failures.incrementAndGet() == 1) {
                    Thread.currentThread().interrupt();
                }
                throw new StorageException("Away, failure " + failures.get(), true, null);
            }
        });
    }
}
