package io.alldocs.storage.fastly;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.util.Optional;
import java.util.Set;

/**
 * Creates the driver {@code fastly-config}, which is selected by name only: {@code STORAGE_DRIVER=fastly-config}. The
 * driver reads a config store, or a dictionary of a service.
 *
 * <table>
 * <caption>Variables</caption>
 * <tr><th>name</th><th>type</th><th>default</th><th>required</th><th>meaning</th></tr>
 * <tr><td>{@code FASTLY_API_TOKEN}</td><td>text</td><td></td><td>yes</td><td>{@link
 * FastlyConfigStoreDriver.Builder#token}; a secret</td></tr>
 * <tr><td>{@code FASTLY_CONFIG_STORE_ID}</td><td>id</td><td></td><td>unless a dictionary is named</td><td>the config
 * store</td></tr>
 * <tr><td>{@code FASTLY_SERVICE_ID}, {@code FASTLY_DICTIONARY_ID}</td><td>id</td><td></td><td>unless a config store is
 * named</td>
 * <td>the dictionary, and the service that it belongs to</td></tr>
 * <tr><td>{@code FASTLY_API_URL}</td><td>URL</td><td>{@code https://api.fastly.com}</td><td>no</td>
 * <td>{@link FastlyConfigStoreDriver.Builder#endpoint}</td></tr>
 * <tr><td>{@code FASTLY_MAX_ATTEMPTS}</td><td>1 to
 * 100</td><td>5</td><td>no</td><td>{@link FastlyConfigStoreDriver.Builder#maxAttempts}</td></tr>
 * </table>
 */
public final class FastlyConfigStoreProvider implements StorageDriverProvider {

    /** For ServiceLoader. */
    public FastlyConfigStoreProvider() {}

    @Override
    public String name() {
        return FastlyConfigStoreDriver.NAME;
    }

    @Override
    public Set<String> runtimes() {
        return Set.of();
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
        Optional<String> configStore = env.get("FASTLY_CONFIG_STORE_ID");
        FastlyConfigStoreDriver.Builder builder = configStore.isPresent()
                ? FastlyConfigStoreDriver.configStore(configStore.get())
                : FastlyConfigStoreDriver.dictionary(
                        env.require(
                                "FASTLY_SERVICE_ID",
                                "by the fastly-config storage driver, unless FASTLY_CONFIG_STORE_ID is set"),
                        env.require(
                                "FASTLY_DICTIONARY_ID",
                                "by the fastly-config storage driver, together with FASTLY_SERVICE_ID"));
        return builder.env(env).build();
    }
}
