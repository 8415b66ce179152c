package io.alldocs.storage.fastly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.RetryPolicy;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.FakeFastly;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FastlyProvidersTest {
    private static final byte[] BYTES = Values.utf8("{}");

    private FakeFastly fake;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeFastly();
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    private Map<String, String> env(String driver) {
        return new LinkedHashMap<>(Map.of(
                "STORAGE_DRIVER",
                driver,
                "FASTLY_API_TOKEN",
                FakeFastly.TOKEN,
                "FASTLY_API_URL",
                fake.endpoint() + "/",
                "FASTLY_KV_STORE_ID",
                FakeFastly.STORE,
                "FASTLY_CONFIG_STORE_ID",
                FakeFastly.CONFIG_STORE,
                "CACHE_KEY_PREFIX",
                "from-env/"));
    }

    @Test
    void create_byNameOrRuntime_makesADriverThatStores() {
        Map<String, String> byRuntime = env("");
        byRuntime.put("RUNTIME", "fastly");
        for (Map<String, String> env : List.of(env("fastly"), byRuntime)) {
            try (StorageDriver driver = StorageDrivers.create(Env.of(env))) {
                assertThat(driver)
                        .isInstanceOf(FastlyStorageDriver.class)
                        .hasToString("Fastly KV store " + FakeFastly.STORE + " under from-env/");
                assertThat(driver.preferredFormat()).isEqualTo(EntryFormat.JSON);
                assertThat(driver.capabilities().maxValueBytes()).isEqualTo(25_000_000 - 12);
                assertThat(driver.capabilities().maxKeyBytes()).isEqualTo(1024 - 9);
                assertThat(driver.capabilities().readAfterWrite()).isFalse();
                Values.put(driver, "k", BYTES);
                assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
                assertThat(fake.kinds()).containsExactly("PUT", "GET");
            }
        }
    }

    @Test
    void create_configStoreOrDictionary_makesADriverThatReads() {
        fake.config().put("k", "{}");
        Map<String, String> dictionary = env("fastly-config");
        dictionary.remove("FASTLY_CONFIG_STORE_ID");
        dictionary.put("FASTLY_SERVICE_ID", FakeFastly.SERVICE);
        dictionary.put("FASTLY_DICTIONARY_ID", FakeFastly.DICTIONARY);
        for (Map<String, String> env : List.of(env("fastly-config"), dictionary)) {
            try (StorageDriver driver = StorageDrivers.create(Env.of(env))) {
                assertThat(driver).isInstanceOf(FastlyConfigStoreDriver.class);
                assertThat(driver.capabilities().writable()).isFalse();
                assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FASTLY_API_URL, not an address, must be an address",
        "FASTLY_API_URL, https://user:pass word@127.0.0.1/, must be an address",
        "FASTLY_API_URL, https://user:password@127.0.0.1/, must be an address",
        "FASTLY_API_URL, http://api.example.com/, must be an https address",
        "FASTLY_API_URL, https://api.example.com/?a=b, must be an https address",
        "FASTLY_API_TOKEN, user:pass word, not allowed in an HTTP header",
        "FASTLY_MAX_ATTEMPTS, 0, from 1 to 100",
        "FASTLY_MAX_VALUE_BYTES, 1, from 1100000",
        "FASTLY_KV_STORE_ID, a/b, letters",
        "CACHE_KEY_PREFIX, ../, no dot",
    })
    void create_wrongVariable_isNamedAndNoSecretShown(String name, String value, String message) {
        Map<String, String> env = env("fastly");
        env.put(name, value);
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(env)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .satisfies(e -> {
                    StringWriter text = new StringWriter();
                    e.printStackTrace(new PrintWriter(text));
                    assertThat(text.toString()).doesNotContain("user:pass", FakeFastly.TOKEN);
                });
    }

    @ParameterizedTest
    @CsvSource({
        "fastly, FASTLY_API_TOKEN",
        "fastly, FASTLY_KV_STORE_ID",
        "fastly-config, FASTLY_API_TOKEN",
        "fastly-config, FASTLY_CONFIG_STORE_ID",
    })
    void create_withoutAVariable_namesIt(String driver, String name) {
        Map<String, String> env = env(driver);
        env.remove(name);
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(env)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    @Test
    void create_withoutAName_neverMeansFastly() {
        Map<String, String> env = env("");
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(env)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("found [fastly, fastly-config, memory]")
                .hasMessageContaining("all-docs-storage-filesystem");
    }

    @Test
    void close_clientOfTheCaller_staysOpenAndItsPolicyCounts() {
        try (BaseHttpClient client =
                BaseHttpClient.builder().retry(RetryPolicy.none()).build()) {
            for (int i = 0; i < 2; i++) {
                try (FastlyStorageDriver driver = FastlyStorageDriver.builder(FakeFastly.STORE)
                        .client(client)
                        .endpoint(fake.endpoint())
                        .token(FakeFastly.TOKEN)
                        .build()) {
                    Values.put(driver, "k", BYTES);
                    assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
                    fake.seen();
                    fake.answering(503);
                    assertThatThrownBy(() -> driver.get("k")).hasMessageContaining("HTTP 503");
                    assertThat(fake.kinds()).containsExactly("GET");
                }
            }
        }
    }

    @Test
    void builder_wrongOption_isRefused() {
        FastlyStorageDriver.Builder builder = FastlyStorageDriver.builder("b");
        for (Runnable wrong : List.<Runnable>of(
                () -> FastlyStorageDriver.builder(" "),
                () -> FastlyStorageDriver.builder("a/b"),
                () -> builder.keyPrefix("x".repeat(501)),
                () -> builder.keyPrefix("é"),
                () -> builder.concurrency(0),
                () -> builder.maxAttempts(0),
                () -> builder.maxValueBytes(100_000_001),
                () -> builder.token(" "),
                () -> builder.token("a\nb"),
                () -> builder.endpoint(URI.create("http://api.fastly.com")),
                () -> builder.endpoint(URI.create("ftp://127.0.0.1")),
                () -> builder.endpoint(URI.create("https:/nothing")),
                builder::build)) {
            assertThatThrownBy(wrong::run).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
