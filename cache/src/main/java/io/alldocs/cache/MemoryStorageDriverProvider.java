package io.alldocs.cache;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.util.Set;

/** Creates {@link MemoryStorageDriver}s, by name only: {@code STORAGE_DRIVER=memory}. Each driver has its own store. */
public final class MemoryStorageDriverProvider implements StorageDriverProvider {

    /** Called by ServiceLoader. */
    public MemoryStorageDriverProvider() {}

    @Override
    public String name() {
        return "memory";
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
        return new MemoryStorageDriver();
    }
}
