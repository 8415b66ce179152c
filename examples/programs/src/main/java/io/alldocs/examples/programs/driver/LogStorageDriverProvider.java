package io.alldocs.examples.programs.driver;

import io.alldocs.cache.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.nio.file.Path;
import java.util.Set;

/** Makes {@link LogStorageDriver} available as {@code STORAGE_DRIVER=log}; its file is {@code cache.log} in {@code CACHE_DIR}. */
// region provider
public final class LogStorageDriverProvider implements StorageDriverProvider {

    /** Called by ServiceLoader, which finds this class through a line in META-INF/services. */
    public LogStorageDriverProvider() {}

    @Override
    public String name() {
        return "log";
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
        Path folder = Path.of(env.require("CACHE_DIR", "the folder of the log driver's file"));
        return LogStorageDriver.open(folder.resolve("cache.log"));
    }
}
// endregion
