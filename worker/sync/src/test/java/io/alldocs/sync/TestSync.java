package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.RetryPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Creates jobs of a test: all names of an embedded registry, without retries of requests. */
final class TestSync {
    private TestSync() {}

    static SyncJob job(EmbeddedRegistry registry) {
        return SyncJob.builder()
                .origin(registry.origin())
                .registry(registry.origin())
                .build();
    }

    static RegistrySyncBuilder builder(EmbeddedRegistry registry, Cache cache) {
        return RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(job(registry))
                .cache(cache)
                .http(BaseHttpClient.builder().retry(RetryPolicy.none()))
                .lagWait(Duration.ofMillis(10));
    }

    /** Replays the feed to its end, as the workers of a fleet do. */
    static void replay(SyncSteps steps) {
        for (Optional<ChangeWindow> next = steps.openWindow(); next.isPresent(); next = steps.openWindow()) {
            steps.openChunks(next.get()).forEach(steps::fetchChanges);
            steps.closeWindow(next.get());
        }
    }

    /** Asserts that the current revision of every name is stored. */
    static void assertCurrent(RegistrySync sync, EmbeddedRegistry registry) {
        for (String name : registry.names()) {
            assertThat(sync.packument(name).rev()).as(name).isEqualTo(registry.rev(name));
        }
    }
}
