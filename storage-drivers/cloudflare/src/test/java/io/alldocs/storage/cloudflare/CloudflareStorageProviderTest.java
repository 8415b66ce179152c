package io.alldocs.storage.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.Credentials;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.RetryPolicy;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.FakeKv;
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
import org.junit.jupiter.params.provider.ValueSource;

class CloudflareStorageProviderTest {
    private static final byte[] BYTES = Values.utf8("{}");

    private FakeKv fake;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeKv();
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    private Map<String, String> env() {
        return new LinkedHashMap<>(Map.of(
                "STORAGE_DRIVER",
                "cloudflare",
                "CLOUDFLARE_API_TOKEN",
                FakeKv.TOKEN,
                "CLOUDFLARE_API_BASE_URL",
                fake.endpoint() + "/",
                "CLOUDFLARE_ACCOUNT_ID",
                FakeKv.ACCOUNT,
                "CLOUDFLARE_KV_NAMESPACE_ID",
                FakeKv.NAMESPACE,
                "CACHE_KEY_PREFIX",
                "from-env/"));
    }

    @Test
    void create_byNameOrRuntime_makesADriverThatStores() {
        Map<String, String> byRuntime = env();
        byRuntime.remove("STORAGE_DRIVER");
        byRuntime.put("RUNTIME", "cloudflare");
        for (Map<String, String> env : List.of(env(), byRuntime)) {
            try (StorageDriver driver = StorageDrivers.create(Env.of(env))) {
                assertThat(driver)
                        .isInstanceOf(CloudflareStorageDriver.class)
                        .hasToString("kv://" + FakeKv.NAMESPACE + "/from-env/");
                assertThat(driver.preferredFormat()).isEqualTo(EntryFormat.JSON);
                assertThat(driver.capabilities().maxValueBytes()).isEqualTo((25 << 20) - 12);
                assertThat(driver.capabilities().maxKeyBytes()).isEqualTo(512 - 9);
                assertThat(driver.capabilities().readAfterWrite()).isFalse();
                Values.put(driver, "k", BYTES);
                assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
                assertThat(fake.kinds()).containsExactly("PUT", "GET");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CLOUDFLARE_API_BASE_URL, not an address, must be an address",
        "CLOUDFLARE_API_BASE_URL, https://user:pass word@127.0.0.1/, must be an address",
        "CLOUDFLARE_API_BASE_URL, http://api.example.com/, must be an https address",
        "CLOUDFLARE_API_BASE_URL, https://api.example.com/?a=b, must be an https address",
        "CLOUDFLARE_API_TOKEN, user:pass word, CLOUDFLARE_API_TOKEN",
        "CLOUDFLARE_API_RATE, fast, CLOUDFLARE_API_RATE must be a number",
        "CLOUDFLARE_API_RATE, -1, CLOUDFLARE_API_RATE must be a number",
        "CLOUDFLARE_MAX_ATTEMPTS, 0, from 1 to 100",
        "CLOUDFLARE_ACCOUNT_ID, a/b, CLOUDFLARE_ACCOUNT_ID",
        "CLOUDFLARE_KV_NAMESPACE_ID, a/b, CLOUDFLARE_KV_NAMESPACE_ID",
        "CACHE_KEY_PREFIX, a b, CACHE_KEY_PREFIX",
    })
    void create_wrongVariable_isNamedAndNoSecretShown(String name, String value, String message) {
        Map<String, String> env = env();
        env.put(name, value);
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(env)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .satisfies(e -> {
                    StringWriter text = new StringWriter();
                    e.printStackTrace(new PrintWriter(text));
                    assertThat(text.toString()).doesNotContain("user:pass", FakeKv.TOKEN);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_KV_NAMESPACE_ID"})
    void create_withoutAVariable_namesIt(String name) {
        Map<String, String> env = env();
        env.remove(name);
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(env)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    @Test
    void close_clientOfTheCaller_staysOpenAndItsPolicyCounts() {
        try (BaseHttpClient client = BaseHttpClient.builder()
                .credentials(Credentials.bearer(fake.endpoint(), FakeKv.TOKEN))
                .retry(RetryPolicy.none())
                .build()) {
            for (int i = 0; i < 2; i++) {
                try (CloudflareStorageDriver driver = CloudflareStorageDriver.builder(FakeKv.ACCOUNT, FakeKv.NAMESPACE)
                        .client(client)
                        .endpoint(fake.endpoint())
                        .build()) {
                    Values.put(driver, "k", BYTES);
                    fake.seen();
                    fake.answering(503);
                    assertThatThrownBy(() -> driver.get("k")).hasMessageContaining("HTTP 503");
                    assertThat(fake.kinds()).containsExactly("GET");
                }
            }
        }
    }

    @Test
    void rate_isThatOfTheHostsLimiter() {
        HostLimiters limiters = HostLimiters.shared();
        CloudflareStorageDriver.builder("a", "b")
                .endpoint(fake.endpoint())
                .apiToken("t")
                .build()
                .close();
        assertThat(limiters.of(fake.endpoint()).currentRate()).isZero();
        CloudflareStorageDriver.builder("a", "b")
                .endpoint(fake.endpoint())
                .apiToken("t")
                .rate(50)
                .build()
                .close();
        assertThat(limiters.of(fake.endpoint()).currentRate()).isEqualTo(50);
        URI elsewhere = URI.create("https://api.example.com/client/v4");
        CloudflareStorageDriver.builder("a", "b")
                .endpoint(elsewhere)
                .apiToken("t")
                .build()
                .close();
        assertThat(limiters.of(elsewhere).currentRate()).isEqualTo(CloudflareStorageDriver.Builder.DEFAULT_RATE);
    }

    @Test
    void builder_wrongOption_isRefused() {
        CloudflareStorageDriver.Builder builder = CloudflareStorageDriver.builder("a", "b");
        for (Runnable wrong : List.<Runnable>of(
                () -> CloudflareStorageDriver.builder(" ", "b"),
                () -> CloudflareStorageDriver.builder("a", "b/c"),
                () -> builder.keyPrefix("x".repeat(257)),
                () -> builder.keyPrefix("a b"),
                () -> builder.keyPrefix("\ud800"),
                () -> builder.rate(-1),
                () -> builder.rate(Double.NaN),
                () -> builder.maxAttempts(0),
                () -> builder.apiToken(" "),
                () -> builder.apiToken("a\nb"),
                () -> builder.endpoint(URI.create("http://api.cloudflare.com")),
                () -> builder.endpoint(URI.create("ftp://127.0.0.1")),
                builder::build)) {
            assertThatThrownBy(wrong::run).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
