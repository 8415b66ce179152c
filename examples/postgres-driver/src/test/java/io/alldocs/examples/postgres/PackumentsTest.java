package io.alldocs.examples.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentResult;
import io.alldocs.storage.contract.Values;
import java.net.URI;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Tests the driver with a client that fetches packuments. */
class PackumentsTest {
    private static final PostgresServer SERVER = PostgresServer.running();

    private final String database = SERVER.newDatabase();

    // region use
    static RunSummary fetch(DataSource database, URI registry, List<String> names) {
        try (StorageDriver driver = PostgresStorageDriver.open(database);
                Cache cache = Cache.builder().driver(driver).build();
                PackumentClient client = PackumentClient.builder()
                        .cache(cache)
                        .registry(registry)
                        .build()) {
            return client.requestAll(names, RequestOptions.of(CacheMode.FORCE_CACHE), result -> {});
        }
    }
    // endregion

    @Test
    void requestAll_requestsEachPackumentOnce_andReadsItUnchanged() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(200).start();
                var pool = SERVER.pool(database)) {
            pool.setMaximumPoolSize(4);
            fetch(pool, registry.origin(), registry.names());
            assertThat(registry.requests().total()).isEqualTo(200);
            fetch(pool, registry.origin(), registry.names());
            assertThat(registry.requests().total())
                    .as("the second run sends no requests")
                    .isEqualTo(200);

            try (StorageDriver driver = SERVER.driver(database);
                    Cache cache = Cache.builder().driver(driver).build();
                    PackumentClient client = PackumentClient.builder()
                            .cache(cache)
                            .registry(registry.origin())
                            .build()) {
                VerifyReport report = driver.verify(VerifyOptions.dryRun());
                assertThat(report.clean()).isTrue();
                assertThat(report.verifiedContent()).isEqualTo(report.totalEntries());
                assertThat(Values.keys(driver)).hasSize(200).allMatch(key -> key.startsWith("v1:packument:"));
                for (String name : registry.names()) {
                    PackumentResult stored = client.request(name, RequestOptions.of(CacheMode.ONLY_IF_CACHED));
                    PackumentResult fresh = client.request(name, RequestOptions.of(CacheMode.NO_STORE));
                    assertThat(stored.outcome()).as(name).isEqualTo(fresh.outcome());
                    assertThat(stored.entry().isPresent())
                            .as(name)
                            .isEqualTo(fresh.entry().isPresent());
                    if (fresh.entry().isPresent()) {
                        assertThat(stored.json()).as(name).isEqualTo(fresh.json());
                    }
                }
            }
        }
    }
}
