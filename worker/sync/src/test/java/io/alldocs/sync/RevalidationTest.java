package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.packument.PackumentClient;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Tests a process that was suspended during a request. When it continues, it replaces a newer packument with an older
 * one.
 */
class RevalidationTest {
    private static final int CONCURRENCY = 4;

    private final EmbeddedRegistry registry =
            EmbeddedRegistry.builder().names(50).mixedStates(false).start();

    @Test
    void olderPackument_overANewerOne_isFetchedAgain_alsoOnAClaimThatIsOver() {
        long before = System.nanoTime();
        try (registry;
                Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build();
                RegistrySync sync = sync(cache)) {
            long claim = sync.claimShared("a fleet");
            SyncSteps steps = sync.steps(claim);
            steps.plan();
            steps.list(0);
            steps.fetch(0, 0);
            long later = System.nanoTime();
            assertThat(steps.storedSince(later)).isEmpty();
            List<String> stored = steps.storedSince(before);
            assertThat(stored).containsExactlyInAnyOrderElementsOf(registry.names());

            String name = registry.names().get(7);
            CacheKey key = CacheKey.packument(registry.origin(), name);
            CacheEntry old = cache.entry(key).orElseThrow();
            registry.publish(name);
            sync.releaseShared(claim);
            sync.claimShared("another fleet");
            putNewer(cache, key);
            assertThat(rev(cache, key)).isEqualTo(registry.rev(name));
            cache.set(key.toString(), old);
            assertThat(rev(cache, key)).isNotEqualTo(registry.rev(name));

            long requests = registry.requests().count(Endpoint.PACKUMENT);
            steps.revalidate(stored);
            assertThat(rev(cache, key)).isEqualTo(registry.rev(name));
            assertThat(registry.requests().count(Endpoint.PACKUMENT) - requests).isEqualTo(stored.size());
            assertThat(registry.requests().status(304))
                    .as("all but one are as they were")
                    .isEqualTo(stored.size() - 1);
            assertThat(steps.storedSince(before)).hasSameSizeAs(stored);
        }
    }

    @Test
    void fetch_thatWasAbandoned_isDoneByTheNext_withoutARepeat() {
        try (registry;
                Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build();
                RegistrySync sync = sync(cache)) {
            SyncSteps steps = sync.steps(sync.claimShared("a fleet"));
            steps.plan();
            steps.list(0);

            SyncSteps lost = steps.abandonedWhen(() -> registry.requests().count(Endpoint.PACKUMENT) >= 10);
            assertThatThrownBy(() -> lost.fetch(0, 0)).isInstanceOf(IncompleteBatchException.class);
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isBetween(10L, 10L + CONCURRENCY);

            assertThat(steps.fetch(0, 0)).isTrue();
            assertThat(registry.repeatedRequests()).isZero();
            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(50);
        }
    }

    private RegistrySync sync(Cache cache) {
        return RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(SyncJob.builder()
                        .origin(registry.origin())
                        .registry(registry.origin())
                        .form(SyncForm.FULL)
                        .build())
                .cache(cache)
                .concurrency(CONCURRENCY)
                .build();
    }

    /** Stores a newer packument, as another worker does. */
    private void putNewer(Cache cache, CacheKey key) {
        try (PackumentClient other = PackumentClient.builder()
                .env(Env.of(Map.of()))
                .cache(cache)
                .registry(registry.origin())
                .build()) {
            other.request(key.packageName().orElseThrow(), RequestOptions.of(CacheMode.NO_CACHE));
        }
    }

    private static Optional<String> rev(Cache cache, CacheKey key) {
        return cache.head(key).map(EntryMetadata::rev);
    }
}
