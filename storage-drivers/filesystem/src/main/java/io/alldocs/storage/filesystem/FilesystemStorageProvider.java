package io.alldocs.storage.filesystem;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Creates the driver {@code filesystem}, the default of the runtime {@code jvm}.
 *
 * <table>
 * <caption>Variables</caption>
 * <tr><th>name</th><th>default</th><th>meaning</th></tr>
 * <tr><td>{@code CACHE_DIR}</td><td>{@code ./cache}</td><td>the cache folder; created when missing</td></tr>
 * <tr><td>{@code CACHE_SYNC}</td><td>{@code false}</td><td>{@link FilesystemStorageDriver.Builder#sync}</td></tr>
 * <tr><td>{@code CACHE_READ_ONLY}</td><td>{@code false}</td><td>{@link
 * FilesystemStorageDriver.Builder#readOnly}</td></tr>
 * </table>
 *
 * <p>The JavaScript project keeps two cache folders below its {@code CACHE_DIR}. To read one of them, set
 * {@code CACHE_DIR} to its {@code partitions} or {@code packuments} folder.
 */
public final class FilesystemStorageProvider implements StorageDriverProvider {

    /** For ServiceLoader. */
    public FilesystemStorageProvider() {}

    @Override
    public String name() {
        return "filesystem";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("jvm");
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    /**
     * Opens the folder.
     *
     * @throws IllegalArgumentException if a variable has an invalid value
     * @throws io.alldocs.cache.spi.StorageException if the folder cannot be opened
     */
    @Override
    public StorageDriver create(Env env) {
        return FilesystemStorageDriver.builder(folder(env.get("CACHE_DIR").orElse("./cache")))
                .sync(flag(env, "CACHE_SYNC"))
                .readOnly(flag(env, "CACHE_READ_ONLY"))
                .build();
    }

    private static Path folder(String path) {
        try {
            return Path.of(path);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("CACHE_DIR must be a path, but is " + path + ".", e);
        }
    }

    private static boolean flag(Env env, String name) {
        Optional<String> value = env.get(name);
        return switch (value.orElse("false")) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException(name + " must be true or false, but is " + value.orElse("") + ".");
        };
    }
}
