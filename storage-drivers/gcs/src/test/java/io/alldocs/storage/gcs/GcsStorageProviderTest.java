package io.alldocs.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.NoCredentials;
import com.google.cloud.storage.BlobId;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.StorageOptions;
import io.alldocs.Env;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.FakeGcs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GcsStorageProviderTest {
    private static final byte[] BYTES = Values.utf8("{}");

    private FakeGcs fake;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeGcs();
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    private Map<String, String> env() {
        return new LinkedHashMap<>(Map.of(
                "STORAGE_DRIVER",
                "gcs",
                "GCS_BUCKET",
                FakeGcs.BUCKET,
                "CACHE_BUCKET",
                "another",
                "CACHE_KEY_PREFIX",
                "from-env/",
                "STORAGE_EMULATOR_HOST",
                fake.endpoint().toString()));
    }

    @Test
    void create_byName_makesADriverThatStores() {
        Map<String, String> hostAndPort = env();
        hostAndPort.remove("GCS_BUCKET");
        hostAndPort.put("CACHE_BUCKET", FakeGcs.BUCKET);
        hostAndPort.put("STORAGE_EMULATOR_HOST", fake.endpoint().getAuthority());
        for (Map<String, String> env : List.of(env(), hostAndPort)) {
            try (StorageDriver driver = StorageDrivers.create(Env.of(env))) {
                assertThat(driver).isInstanceOf(GcsStorageDriver.class).hasToString("gs://cache/from-env/");
                Values.put(driver, "k", BYTES);
                assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
                assertThat(fake.seen())
                        .hasSize(2)
                        .noneMatch(asked -> asked.headers().containsKey("authorization"));
            }
        }
    }

    @Test
    void create_fileOfCredentials_sendsATokenAndPrintsNoSecret(@TempDir Path folder) throws Exception {
        fake.requireToken("ya29.given");
        String key = privateKey();
        Path file = Files.writeString(folder.resolve("account.json"), account(key));
        Map<String, String> env = env();
        env.remove("STORAGE_EMULATOR_HOST");
        env.put("GCS_ENDPOINT", fake.endpoint() + "/");
        env.put("GOOGLE_APPLICATION_CREDENTIALS", file.toString());
        try (StorageDriver driver = StorageDrivers.create(Env.of(env))) {
            Values.put(driver, "k", BYTES);
            assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
            assertThat(fake.seen())
                    .filteredOn(asked -> !asked.path().equals("/token"))
                    .hasSize(2)
                    .allMatch(
                            asked -> "Bearer ya29.given".equals(asked.headers().get("authorization")));
        }
        Files.writeString(file, account(key.substring(60)));
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(env)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("GOOGLE_APPLICATION_CREDENTIALS")
                .hasMessageContaining(file.toString())
                .hasMessageNotContaining(key.substring(60, 100))
                .hasNoCause();
    }

    /**
     * Returns the format of <a href="https://cloud.google.com/iam/docs/keys-create-delete">service account keys</a>.
     */
    private String account(String privateKey) {
        return "{\"type\": \"service_account\", \"project_id\": \"p\", \"private_key_id\": \"1\", \"client_id\": \"1\","
                + "\"client_email\": \"tester@p.iam.gserviceaccount.com\", \"token_uri\": \"" + fake.endpoint()
                + "/token\", \"private_key\": \"-----BEGIN PRIVATE KEY-----\\n" + privateKey
                + "\\n-----END PRIVATE KEY-----\\n\"}";
    }

    private static String privateKey() throws NoSuchAlgorithmException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return Base64.getEncoder()
                .encodeToString(generator.generateKeyPair().getPrivate().getEncoded());
    }

    @Test
    void create_withoutAName_neverMeansGcs() {
        Map<String, String> env = env();
        env.remove("STORAGE_DRIVER");
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(env)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("found [gcs, memory]")
                .hasMessageContaining("all-docs-storage-filesystem");
    }

    @ParameterizedTest
    @CsvSource({
        "STORAGE_EMULATOR_HOST, not an address, must be an address",
        "STORAGE_EMULATOR_HOST, ftp://127.0.0.1/, must be an address",
        "STORAGE_EMULATOR_HOST, https://user:password@127.0.0.1/, must be an address",
        "GCS_ENDPOINT, https://user:pass word@127.0.0.1/, must be an address",
        "GOOGLE_APPLICATION_CREDENTIALS, /no/such/file, cannot be read",
        "GCS_MAX_ATTEMPTS, 0, from 1 to 100",
    })
    void create_wrongVariable_isNamedAndNoSecretShown(String name, String value, String message) {
        Map<String, String> env = env();
        if (!name.equals("STORAGE_EMULATOR_HOST")) {
            env.remove("STORAGE_EMULATOR_HOST");
        }
        env.put(name, value);
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(env)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(message)
                .hasMessageNotContaining("user:pass")
                .hasNoCause();
    }

    @Test
    void create_withoutABucket_namesBothVariables() {
        Map<String, String> env = env();
        env.keySet().removeAll(List.of("GCS_BUCKET", "CACHE_BUCKET"));
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(env)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CACHE_BUCKET")
                .hasMessageContaining("GCS_BUCKET");
    }

    @Test
    void close_clientOfTheCaller_staysOpen() throws Exception {
        StorageOptions options = StorageOptions.http()
                .setProjectId("p")
                .setHost(fake.endpoint().toString())
                .setCredentials(NoCredentials.getInstance())
                .build();
        Storage client = options.getService();
        try (GcsStorageDriver driver =
                GcsStorageDriver.builder(FakeGcs.BUCKET).client(client).build()) {
            Values.put(driver, "k", BYTES);
            assertThat(driver.putHead("k", Values.head(BYTES))).isTrue();
            fake.seen();
            assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
            assertThat(fake.kinds()).containsExactly("MEDIA");
        }
        assertThat(client.readAllBytes(BlobId.of(FakeGcs.BUCKET, "k.json"))).isEqualTo(BYTES);
        client.close();
    }

    @Test
    void builder_wrongOption_isRefused() {
        GcsStorageDriver.Builder builder = GcsStorageDriver.builder("b");
        for (Runnable wrong : List.<Runnable>of(
                () -> GcsStorageDriver.builder(" "),
                () -> builder.keyPrefix("/x"),
                () -> builder.keyPrefix("x\ny"),
                () -> builder.keyPrefix("x".repeat(501)),
                () -> builder.keyPrefix("\ud83e"),
                () -> builder.concurrency(0),
                () -> builder.maxAttempts(0))) {
            assertThatThrownBy(wrong::run).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
