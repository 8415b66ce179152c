package io.alldocs.cache;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import io.alldocs.spi.ServiceProviders;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/** Finds storage drivers on the class path with ServiceLoader. */
public final class StorageDrivers {
    /** Artifacts by the name of their driver, or by the runtime whose store the driver uses. */
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
     * Creates the driver that {@code STORAGE_DRIVER} names, or else the default driver of {@code RUNTIME} (default jvm;
     * node is an alias). Names are case-sensitive.
     *
     * @throws IllegalStateException if no driver or more than one matches, or it was compiled against another SPI
     *     version. The message lists the drivers found, those that could not be loaded, and the artifact to add
     * @throws RuntimeException if the provider cannot create the driver
     */
    public static StorageDriver create(Env env) {
        return find().select(env).create(env);
    }

    /**
     * Creates the driver that {@code CHECKPOINT_DRIVER} names, for entry stores that cannot store checkpoints. It reads
     * the same variables as a driver for entries. Empty if the variable is not set.
     *
     * @throws IllegalStateException under the conditions of {@link #create}
     * @throws RuntimeException if the provider cannot create the driver
     */
    static Optional<StorageDriver> createForCheckpoints(Env env) {
        return find().named("CHECKPOINT_DRIVER", env).map(provider -> provider.create(env));
    }

    private static ServiceProviders<StorageDriverProvider> find() {
        return ServiceProviders.find(KIND, ServiceLoader.load(StorageDriverProvider.class));
    }
}
