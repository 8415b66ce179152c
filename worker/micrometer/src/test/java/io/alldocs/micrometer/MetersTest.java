package io.alldocs.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpAttempt;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncResult;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Runs a whole job against a real registry, with every kind of meter. */
class MetersTest {
    private static final int NAMES = 40;

    @Test
    void bootstrap_withMeters_isCountedAsItWas() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();

        run(meters);

        assertThat(meters.get("all.docs.sync.outcomes")
                        .tag("outcome", "ok")
                        .counter()
                        .count())
                .isEqualTo(NAMES);
        assertThat(meters.get("all.docs.sync.progress")
                        .tag("phase", "fetch")
                        .counter()
                        .count())
                .isEqualTo(NAMES);
        assertThat(meters.get("all.docs.sync.pending.names").gauge().value()).isZero();
        assertThat(meters.get("all.docs.cache.fetches")
                        .tags("kind", "packument", "result", "fetched")
                        .counter()
                        .count())
                .isEqualTo(NAMES);
        assertThat(meters.get("all.docs.cache.stored")
                        .tag("kind", "packument")
                        .summary()
                        .count())
                .isEqualTo(NAMES);
        assertThat(meters.get("all.docs.http.requests")
                        .tags("method", "GET", "status", "200", "outcome", "SUCCESS")
                        .timer()
                        .count())
                .isGreaterThan(NAMES);
        assertThat(meters.get("all.docs.http.stuck.threads").gauge().value()).isZero();
        assertThat(meters.get("all.docs.http.lost.clients").functionCounter().count())
                .isZero();
    }

    @Test
    void meters_inPrometheusForm_haveDescriptionsAndTheirTags() {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

        run(meters);

        assertThat(meters.getMeters())
                .isNotEmpty()
                .allSatisfy(meter -> assertThat(meter.getId().getDescription()).isNotBlank())
                .allSatisfy(meter -> assertThat(meter.getId().getTag("sync")).isEqualTo("test"))
                .extracting(Meter::getId)
                .extracting(Meter.Id::getName)
                .allMatch(name -> name.startsWith("all.docs."));
        assertThat(meters.scrape())
                .contains("# TYPE all_docs_http_requests_seconds histogram")
                .contains("all_docs_sync_outcomes_total{outcome=\"ok\",sync=\"test\"} " + (double) NAMES)
                .contains("all_docs_cache_stored_bytes_count{kind=\"packument\",sync=\"test\"} " + NAMES);
    }

    /** A registry may redirect each name to a different host. */
    @Test
    void http_manyOrigins_addNoMoreThanAHundredTags() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        HttpMeters meters = new HttpMeters(registry, Tags.empty());

        for (int i = 0; i < 1_000; i++) {
            String origin = "https://p" + i + ".example.com";
            meters.requested(new HttpAttempt("GET", origin, 200, null, 1, Duration.ofMillis(1)));
            meters.retrying(origin, "429", Duration.ofMillis(1));
            meters.throttled(origin, Duration.ofMillis(1));
            meters.clientReplaced(origin);
        }

        assertThat(registry.get("all.docs.http.requests").timers()).hasSize(101);
        assertThat(registry.get("all.docs.http.requests")
                        .tag("origin", "(others)")
                        .timer()
                        .count())
                .isEqualTo(900);
        assertThat(registry.get("all.docs.http.retries").counters()).hasSize(101);
        assertThat(registry.get("all.docs.http.throttled").timers()).hasSize(101);
        assertThat(registry.get("all.docs.http.lost.requests").counters()).hasSize(101);
    }

    private static void run(MeterRegistry meters) {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(NAMES).mixedStates(false).start()) {
            SyncJob job = SyncJob.builder()
                    .origin(registry.origin())
                    .registry(registry.origin())
                    .build();
            sync(job, meters);
        }
    }

    // region meters
    static void sync(SyncJob job, MeterRegistry registry) {
        Tags tags = Tags.of("sync", "test");
        SyncMeters meters = new SyncMeters(registry, tags);
        try (Cache cache = Cache.builder()
                        .listener(new CacheMeters(registry, tags))
                        .build();
                RegistrySync sync = RegistrySync.builder()
                        .job(job)
                        .cache(cache)
                        .listener(meters)
                        .http(BaseHttpClient.builder().listener(new HttpMeters(registry, tags)))
                        .build()) {
            meters.bind(sync);
            SyncResult result = sync.bootstrap();
            if (result.status() != SyncResult.Status.COMPLETE) {
                throw new IllegalStateException(result.reason());
            }
        }
    }
    // endregion
}
