package io.alldocs.cli;

import io.alldocs.cache.Cache;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that name a cache. A picocli mixin. */
public final class CacheOptions {
    @Option(
            names = "--cache-dir",
            paramLabel = "DIR",
            description = "Folder of the cache. Default: CACHE_DIR, else ./all-docs-cache")
    private @Nullable Path cacheDir;

    @Option(
            names = "--driver",
            paramLabel = "NAME",
            description =
                    "Storage driver: sqlite, filesystem, memory, or any on the class path. Default: STORAGE_DRIVER,"
                            + " else the one whose cache is in the folder, else sqlite")
    private @Nullable String driver;

    @Option(
            names = "--checkpoint-driver",
            paramLabel = "NAME",
            description =
                    "Storage driver for the progress of jobs, if the cache's own driver cannot store it (cloudflare,"
                            + " fastly). Default: CHECKPOINT_DRIVER, else the cache's driver or sqlite")
    private @Nullable String checkpointDriver;

    /** Creates the options; called by picocli. */
    public CacheOptions() {}

    /** Returns the folder that these options or {@code environment} name. It need not exist. */
    public Path folder(Map<String, String> environment) {
        return location().folder(environment);
    }

    /**
     * Opens the cache, and creates it if there is none. The caller closes it.
     *
     * @throws UsageException when it cannot be opened
     */
    public Cache open(Map<String, String> environment) {
        return location().open(environment);
    }

    /**
     * Opens the cache for checkpoints, which the caller closes. Returns empty if checkpoints are stored with the
     * entries. If the store may return old values after a write, checkpoints are stored in a file in the folder. An
     * option or a variable can name another place.
     *
     * @throws UsageException when it cannot be opened
     */
    public Optional<Cache> openCheckpoints(Map<String, String> environment, Cache entries) {
        Map<String, String> values = location().values(environment);
        checkpointDriver(environment, entries).ifPresent(name -> values.put("CHECKPOINT_DRIVER", name));
        return UsageException.unlessUsable(() -> Cache.forCheckpoints(Environment.of(values)));
    }

    private Optional<String> checkpointDriver(Map<String, String> environment, Cache entries) {
        return Optional.ofNullable(checkpointDriver)
                .or(() -> Optional.ofNullable(environment.get("CHECKPOINT_DRIVER")))
                .or(() -> entries.driver().capabilities().readAfterWrite() ? Optional.empty() : Optional.of("sqlite"));
    }

    /**
     * Opens the cache like {@link #open}, but does not create one.
     *
     * @throws UsageException if the cache cannot be opened or does not exist
     */
    public Cache openExisting(Map<String, String> environment) {
        return location().openExisting(environment);
    }

    /**
     * Opens the cache for checkpoints like {@link #openCheckpoints}, but does not create one.
     *
     * @throws UsageException if the cache for checkpoints cannot be opened or does not exist
     */
    public Optional<Cache> openExistingCheckpoints(Map<String, String> environment, Cache entries) {
        checkpointDriver(environment, entries)
                .ifPresent(name -> new CacheLocation(Optional.of(name), Optional.ofNullable(cacheDir), Optional.empty())
                        .requireExisting(environment));
        return openCheckpoints(environment, entries);
    }

    /** Returns the given options as arguments for another command on the same cache. */
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        if (cacheDir != null) {
            arguments.addAll(List.of("--cache-dir", cacheDir.toString()));
        }
        if (driver != null) {
            arguments.addAll(List.of("--driver", driver));
        }
        if (checkpointDriver != null) {
            arguments.addAll(List.of("--checkpoint-driver", checkpointDriver));
        }
        return arguments;
    }

    /**
     * Returns {@code environment} with the overrides of the command line. With these variables, any process uses the
     * same cache.
     */
    public Map<String, String> environment(Map<String, String> environment) {
        return location().values(environment);
    }

    private CacheLocation location() {
        return new CacheLocation(Optional.ofNullable(driver), Optional.ofNullable(cacheDir), Optional.empty());
    }
}
