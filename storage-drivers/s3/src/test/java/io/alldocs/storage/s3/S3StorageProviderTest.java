package io.alldocs.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.S3Server;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.s3.S3Client;

class S3StorageProviderTest {
    private static final byte[] BYTES = Values.utf8("{}");

    private final S3Server server = S3Server.running();

    private Map<String, String> env() {
        return new LinkedHashMap<>(Map.of(
                "STORAGE_DRIVER",
                "s3",
                "CACHE_BUCKET",
                S3Server.BUCKET,
                "CACHE_KEY_PREFIX",
                "from-env/",
                "AWS_ENDPOINT_URL",
                "http://127.0.0.1:1",
                "AWS_ENDPOINT_URL_S3",
                server.endpoint().toString(),
                "AWS_ACCESS_KEY_ID",
                S3Server.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY",
                S3Server.SECRET_KEY));
    }

    @Test
    void create_byName_makesADriverThatStores() {
        server.clear();
        try (StorageDriver driver = StorageDrivers.create(Env.of(env()))) {
            assertThat(driver).isInstanceOf(S3StorageDriver.class).hasToString("s3://cache/from-env/");
            Values.put(driver, "k", BYTES);
            assertThat(server.client()
                            .headObject(
                                    request -> request.bucket(S3Server.BUCKET).key("from-env/k!.json"))
                            .contentLength())
                    .isEqualTo(2);
        }
        server.clear();
    }

    @Test
    void create_withoutAName_neverMeansS3(@TempDir Path folder) {
        Map<String, String> env = env();
        env.remove("STORAGE_DRIVER");
        env.put("CACHE_DIR", folder.toString());
        try (StorageDriver driver = StorageDrivers.create(Env.of(env))) {
            assertThat(driver.name()).isEqualTo("filesystem");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CACHE_BUCKET, '', is not set",
        "S3_PATH_STYLE, yes, true or false",
        "AWS_ENDPOINT_URL_S3, not an address, must be an address",
        "AWS_ENDPOINT_URL_S3, ftp://127.0.0.1/, must be an address",
        "AWS_ENDPOINT_URL_S3, https://user:password@127.0.0.1/, must be an address",
        "AWS_ENDPOINT_URL_S3, https://user:pass word@127.0.0.1/, must be an address",
        "AWS_SECRET_ACCESS_KEY, '', is not set",
        "AWS_ACCESS_KEY_ID, '', is not set",
        "AWS_MAX_ATTEMPTS, 0, from 1 to 100",
    })
    void create_wrongVariable_isNamedAndNoSecretShown(String name, String value, String message) {
        Map<String, String> env = env();
        env.put(name, value);
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(env)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(message)
                .satisfies(e -> {
                    StringWriter text = new StringWriter();
                    e.printStackTrace(new PrintWriter(text));
                    assertThat(text.toString()).doesNotContain("user:pass", S3Server.SECRET_KEY);
                });
    }

    @Test
    void close_clientOfTheCaller_staysOpen() {
        server.clear();
        try (S3Client client = S3Server.vendorClient(server.endpoint())) {
            try (S3StorageDriver driver =
                    S3StorageDriver.builder(S3Server.BUCKET).client(client).build()) {
                Values.put(driver, "k", BYTES);
                assertThat(driver.putHead("k", Values.head(BYTES))).isTrue();
                assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
                driver.deleteBatch(List.of("k"));
            }
            assertThat(client.listObjectsV2(request -> request.bucket(S3Server.BUCKET))
                            .contents())
                    .isEmpty();
        }
    }

    @Test
    void builder_wrongOption_isRefused() {
        S3StorageDriver.Builder builder = S3StorageDriver.builder("b");
        for (Runnable wrong : List.<Runnable>of(
                () -> S3StorageDriver.builder(" "),
                () -> builder.keyPrefix("/x"),
                () -> builder.keyPrefix("x".repeat(501)),
                () -> builder.keyPrefix("\ud83e"),
                () -> builder.concurrency(0),
                () -> builder.maxAttempts(0))) {
            assertThatThrownBy(wrong::run).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
