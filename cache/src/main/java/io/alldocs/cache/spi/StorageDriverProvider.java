package io.alldocs.cache.spi;

import io.alldocs.Env;
import java.util.Set;

/**
 * Creates a storage driver; ServiceLoader finds it. An implementation has a public no-argument constructor and is cheap
 * to create.
 */
public interface StorageDriverProvider {

    /** The SPI version of this library. */
    int SPI_VERSION = 1;

    /** Returns the name of the driver in {@code STORAGE_DRIVER}. */
    String name();

    /** Returns the runtimes for which this driver is the default; empty for drivers that are selected only by name. */
    Set<String> runtimes();

    /**
     * Returns the {@link #SPI_VERSION} that this provider was compiled against. Implementations return the constant.
     */
    int spiVersion();

    /**
     * Creates a driver configured by the environment.
     *
     * @throws IllegalArgumentException if a variable is missing or invalid; the message contains its name
     */
    StorageDriver create(Env env);
}
