package io.alldocs.examples.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import io.alldocs.storage.contract.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresStorageProviderTest {
    private static final PostgresServer SERVER = PostgresServer.running();

    private final PostgresStorageProvider provider = new PostgresStorageProvider();

    @Test
    void storageDrivers_byName_findsTheDriver_whichEndsItsConnections() {
        String database = SERVER.newDatabase();
        Map<String, String> variables = SERVER.variables(database);
        variables.put("STORAGE_DRIVER", "postgres");
        String sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'all-docs' AND datname = '"
                + database + "'";
        try (StorageDriver driver = StorageDrivers.create(Env.of(variables))) {
            assertThat(driver.name()).isEqualTo("postgres");
            assertThat(driver).hasToString("PostgreSQL database " + database);
            Values.put(driver, "k", "v");
            assertThat(SERVER.number(database, sessions)).isPositive();
        }
        SERVER.await(database, sessions, 0);
    }

    @Test
    void provider_isTheDefaultOfNoRuntime_andSpeaksThisSpi() {
        assertThat(provider.name()).isEqualTo("postgres");
        assertThat(provider.runtimes()).isEmpty();
        assertThat(provider.spiVersion()).isEqualTo(StorageDriverProvider.SPI_VERSION);
    }

    @Test
    void create_withoutUrl_namesTheVariable() {
        assertThatThrownBy(() -> provider.create(Env.of(Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("POSTGRES_URL", "jdbc:postgresql://");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://all_docs:tell-tale@localhost/cache",
                "jdbc:postgresql://localhost/cache?user=all_docs&password=tell-tale",
                "jdbc:postgresql://localhost/cache?sslPassword=tell-tale",
                "jdbc:postgresql://localhost:tell-tale/cache",
                "postgres://localhost/tell-tale",
                "tell-tale"
            })
    void create_invalidUrl_orWithAPassword_isRefusedWithoutPrintingIt(String url) {
        assertThatThrownBy(() -> provider.create(Env.of(Map.of("POSTGRES_URL", url))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("POSTGRES_URL", "PGPASSWORD")
                .satisfies(e -> assertThat(FailuresTest.everythingSaid(e)).doesNotContain("tell-tale"));
    }

    @Test
    void create_invalidPoolSize_namesTheVariable() {
        Map<String, String> variables = SERVER.variables("any");
        variables.put("POSTGRES_POOL_SIZE", "0");
        assertThatThrownBy(() -> provider.create(Env.of(variables)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("POSTGRES_POOL_SIZE");
    }

    @Test
    void get_largeBody_goesThroughTheSpoolDirectory(@TempDir Path folder) throws IOException {
        Map<String, String> variables = SERVER.variables(SERVER.newDatabase());
        Path spool = folder.resolve("spool");
        variables.put("SPOOL_DIR", spool.toString());
        try (StorageDriver driver = provider.create(Env.of(variables))) {
            byte[] large = Values.random(1, 2_000_000);
            Values.put(driver, "k", large);
            try (var body = driver.get("k").orElseThrow().body()) {
                assertThat(spool).isDirectory();
                assertThat(body.toByteArray()).isEqualTo(large);
            }
            try (Stream<Path> left = Files.list(spool)) {
                assertThat(left).isEmpty();
            }
        }
    }
}
