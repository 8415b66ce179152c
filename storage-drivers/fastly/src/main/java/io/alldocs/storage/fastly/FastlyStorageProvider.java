package io.alldocs.storage.fastly;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.nio.file.Path;
import java.util.Set;

/**
 * Creates the driver {@code fastly}, selected by {@code STORAGE_DRIVER=fastly} or {@code RUNTIME=fastly}. Variables
 * that Fastly's own tools also use have the same meaning here.
 *
 * <table>
 * <caption>Variables</caption>
 * <tr><th>name</th><th>type</th><th>default</th><th>required</th><th>meaning</th></tr>
 * <tr><td>{@code FASTLY_API_TOKEN}</td><td>text</td><td></td><td>yes</td><td>{@link FastlyStorageDriver.Builder#token};
 * a secret</td></tr>
 * <tr><td>{@code FASTLY_KV_STORE_ID}</td><td>id</td><td></td><td>yes</td><td>the KV store; must exist</td></tr>
 * <tr><td>{@code CACHE_KEY_PREFIX}</td><td>text</td><td>empty</td><td>no</td>
 * <td>{@link FastlyStorageDriver.Builder#keyPrefix}</td></tr>
 * <tr><td>{@code FASTLY_MAX_VALUE_BYTES}</td><td>1,100,000 to 100,000,000</td><td>25,000,000</td><td>no</td>
 * <td>{@link FastlyStorageDriver.Builder#maxValueBytes}</td></tr>
 * <tr><td>{@code FASTLY_API_URL}</td><td>URL</td><td>{@code https://api.fastly.com}</td><td>no</td>
 * <td>{@link FastlyStorageDriver.Builder#endpoint}</td></tr>
 * <tr><td>{@code FASTLY_MAX_ATTEMPTS}</td><td>1 to
 * 100</td><td>5</td><td>no</td><td>{@link FastlyStorageDriver.Builder#maxAttempts}</td></tr>
 * <tr><td>{@code SPOOL_DIR}</td><td>path</td><td>{@code java.io.tmpdir}</td><td>no</td>
 * <td>{@link FastlyStorageDriver.Builder#spoolDirectory}</td></tr>
 * </table>
 */
public final class FastlyStorageProvider implements StorageDriverProvider {

    /** For ServiceLoader. */
    public FastlyStorageProvider() {}

    @Override
    public String name() {
        return FastlyStorageDriver.NAME;
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("fastly");
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    /**
     * Creates a driver with its own client. Sends no requests.
     *
     * @throws IllegalArgumentException if a variable is missing or has an invalid value; the message names the variable
     */
    @Override
    public StorageDriver create(Env env) {
        FastlyStorageDriver.Builder builder = FastlyStorageDriver.builder(
                        env.require("FASTLY_KV_STORE_ID", "by the fastly storage driver (id of the KV store)"))
                .env(env)
                .keyPrefix(env.get("CACHE_KEY_PREFIX").orElse(""))
                .maxValueBytes(env.getLong("FASTLY_MAX_VALUE_BYTES", 25_000_000, 1_100_000, 100_000_000));
        env.get("SPOOL_DIR").ifPresent(folder -> builder.spoolDirectory(Path.of(folder)));
        return builder.build();
    }
}
