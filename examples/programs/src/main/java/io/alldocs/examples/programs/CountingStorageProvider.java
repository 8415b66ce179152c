package io.alldocs.examples.programs;

import io.alldocs.Env;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * Offers {@link CountingStorageDriver} as {@code STORAGE_DRIVER=counting}, through {@code
 * META-INF/services/io.alldocs.cache.spi.StorageDriverProvider}. {@code COUNTED_DRIVER} names the driver whose store it
 * uses.
 */
public final class CountingStorageProvider implements StorageDriverProvider {

    /** Creates a provider; called by ServiceLoader. */
    public CountingStorageProvider() {}

    @Override
    public String name() {
        return "counting";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of();
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public StorageDriver create(Env env) {
        Map<String, String> counted = new HashMap<>(env.asMap());
        String purpose = "to name the driver whose reads and writes are counted";
        counted.put("STORAGE_DRIVER", env.require("COUNTED_DRIVER", purpose));
        return new CountingStorageDriver(StorageDrivers.create(Env.of(counted)), new LongAdder(), new LongAdder());
    }
}
