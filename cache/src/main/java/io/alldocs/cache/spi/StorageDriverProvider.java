package io.alldocs.cache.spi;

import io.alldocs.cache.Env;
import java.util.Set;

/** How ServiceLoader finds a driver. Public no-argument constructor; cheap to make. */
public interface StorageDriverProvider {

    /** The SPI version this library speaks. */
    int SPI_VERSION = 1;

    /** What {@code STORAGE_DRIVER} calls it. */
    String name();

    /** Runtimes it is the default of; empty for drivers chosen by name only. */
    Set<String> runtimes();

    /** The {@link #SPI_VERSION} it was compiled against; implementations return the constant. */
    int spiVersion();

    /**
     * A driver as the environment says.
     *
     * @throws IllegalArgumentException naming the variable, when one is missing or wrong
     */
    StorageDriver create(Env env);
}
