package io.alldocs.storage.sqlite;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Creates the driver {@code sqlite}, which is selected by name only: {@code STORAGE_DRIVER=sqlite}.
 *
 * <table>
 * <caption>Variables</caption>
 * <tr><th>name</th><th>default</th><th>meaning</th></tr>
 * <tr><td>{@code SQLITE_FILE}</td><td>{@code all-docs.sqlite} in {@code CACHE_DIR}</td><td>the file; created when
 * missing</td></tr>
 * <tr><td>{@code CACHE_DIR}</td><td>{@code ./cache}</td><td>the folder of the default file</td></tr>
 * <tr><td>{@code CACHE_SYNC}</td><td>{@code false}</td><td>{@link SqliteStorageDriver.Builder#sync}</td></tr>
 * <tr><td>{@code CACHE_READ_ONLY}</td><td>{@code false}</td><td>{@link SqliteStorageDriver.Builder#readOnly}</td></tr>
 * </table>
 */
public final class SqliteStorageProvider implements StorageDriverProvider {

    /** For ServiceLoader. */
    public SqliteStorageProvider() {}

    @Override
    public String name() {
        return "sqlite";
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
     * Opens the file.
     *
     * @throws IllegalArgumentException if a variable has an invalid value
     * @throws io.alldocs.cache.spi.StorageException if the file cannot be opened
     */
    @Override
    public StorageDriver create(Env env) {
        return SqliteStorageDriver.builder(file(env))
                .sync(flag(env, "CACHE_SYNC"))
                .readOnly(flag(env, "CACHE_READ_ONLY"))
                .build();
    }

    private static Path file(Env env) {
        Optional<String> file = env.get("SQLITE_FILE");
        return file.isPresent()
                ? path("SQLITE_FILE", file.get())
                : path("CACHE_DIR", env.get("CACHE_DIR").orElse("./cache")).resolve("all-docs.sqlite");
    }

    private static Path path(String name, String value) {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(name + " must be a path, but is " + value + ".", e);
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
