package io.alldocs.cache;

import io.alldocs.cache.spi.ServiceProviders;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.util.Map;
import java.util.Optional;

/** Finds storage drivers on the class path (ServiceLoader). */
public final class StorageDrivers {
    /** By the driver's name, and by the runtime whose store it is. */
    private static final Map<String, String> ARTIFACTS = Map.of(
            ServiceProviders.DEFAULT_RUNTIME,
            "all-docs-storage-filesystem",
            "filesystem",
            "all-docs-storage-filesystem",
            "sqlite",
            "all-docs-storage-sqlite",
            "s3",
            "all-docs-storage-s3",
            "gcs",
            "all-docs-storage-gcs",
            "cloudrun",
            "all-docs-storage-gcs",
            "cloudflare",
            "all-docs-storage-cloudflare",
            "fastly",
            "all-docs-storage-fastly",
            "fastly-config",
            "all-docs-storage-fastly");

    static final ServiceProviders.Kind<StorageDriverProvider> KIND = new ServiceProviders.Kind<>(
            StorageDriverProvider.class,
            "storage driver",
            "STORAGE_DRIVER",
            StorageDriverProvider::name,
            StorageDriverProvider::runtimes,
            StorageDriverProvider::spiVersion,
            StorageDriverProvider.SPI_VERSION,
            ARTIFACTS);

    private StorageDrivers() {}

    /**
     * The driver named by {@code STORAGE_DRIVER}, else the one for {@code RUNTIME} (default jvm; node is an alias). Names are compared as they are.
     *
     * @throws IllegalStateException when none or two match or one speaks another SPI version; says what was found, which providers could not be loaded,
     *     and which artifact to add
     * @throws RuntimeException what the provider throws when the driver cannot be made
     */
    public static StorageDriver create(Env env) {
        return ServiceProviders.find(KIND).select(env).create(env);
    }

    /**
     * The driver named by {@code CHECKPOINT_DRIVER}, for stores whose own driver cannot hold checkpoints. It reads the same variables as it would for
     * entries. Empty when none is named.
     *
     * @throws IllegalStateException as {@link #create}
     * @throws RuntimeException what the provider throws when the driver cannot be made
     */
    static Optional<StorageDriver> createForCheckpoints(Env env) {
        return ServiceProviders.find(KIND).named("CHECKPOINT_DRIVER", env).map(provider -> provider.create(env));
    }
}
