package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.Env;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A process that was stopped in the middle of a request, and puts an old packument over a newer one when it continues. */
class RevalidationTest {
    private final EmbeddedRegistry registry =
            EmbeddedRegistry.builder().names(50).mixedStates(false).start();

    @Test
    void check_olderPackumentOverANewerOne_fetchesTheNewerOneAgain() {
        try (registry;
                Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build();
                RegistrySync sync = RegistrySync.builder()
                        .env(Env.of(Map.of()))
                        .job(SyncJob.builder()
                                .origin(registry.origin())
                                .registry(registry.origin())
                                .form(SyncForm.FULL)
                                .build())
                        .cache(cache)
                        .build()) {
            sync.bootstrap();
            String name = registry.names().get(7);
            CacheKey key = CacheKey.packument(registry.origin(), name);
            CacheEntry old = cache.entry(key).orElseThrow();
            registry.publish(name);
            sync.bootstrap();
            assertThat(rev(cache, key)).isEqualTo(registry.rev(name));

            cache.set(key.toString(), old);
            assertThat(rev(cache, key)).isNotEqualTo(registry.rev(name));

            long before = registry.requests().count(Endpoint.PACKUMENT);
            long claim = sync.claimShared("a fleet");
            SyncSteps steps = sync.steps(claim);
            steps.check(0, 0, Instant.now().plus(Duration.ofHours(1)));
            assertThat(registry.requests().count(Endpoint.PACKUMENT))
                    .as("nothing was stored since")
                    .isEqualTo(before);
            steps.check(0, 0, Instant.now());
            assertThat(rev(cache, key)).isEqualTo(registry.rev(name));
        }
    }

    private static Optional<String> rev(Cache cache, CacheKey key) {
        return cache.head(key).map(EntryHead::rev);
    }
}
