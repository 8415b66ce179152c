package io.alldocs.examples.programs;

import io.alldocs.cache.Cache;
import io.alldocs.cache.Env;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that name a cache. To be mixed into a command. */
public final class CacheOptions {
    /** Not the driver's own ./cache: in a clone of this project that is a module. */
    private static final String DEFAULT_FOLDER = "./all-docs-cache";

    @Option(
            names = "--cache-dir",
            paramLabel = "DIR",
            description = "Folder of the cache. Default: CACHE_DIR, else ./all-docs-cache")
    private @Nullable Path cacheDir;

    @Option(
            names = "--driver",
            paramLabel = "NAME",
            description =
                    "Storage driver: sqlite, filesystem, memory, or any on the class path. Default: STORAGE_DRIVER, else the one whose cache is"
                            + " in the folder, else sqlite")
    private @Nullable String driver;

    @Option(
            names = "--checkpoint-driver",
            paramLabel = "NAME",
            description =
                    "Storage driver of a job's progress, where the driver's own store cannot hold it (cloudflare, fastly). Default:"
                            + " CHECKPOINT_DRIVER, else the driver itself or sqlite")
    private @Nullable String checkpointDriver;

    /** Made by picocli. */
    public CacheOptions() {}

    /** The folder that was named, here or in {@code environment}; it need not exist. */
    public Path folder(Map<String, String> environment) {
        return cacheDir != null ? cacheDir : Path.of(environment.getOrDefault("CACHE_DIR", DEFAULT_FOLDER));
    }

    /**
     * Opens the cache; whoever asked closes it.
     *
     * @throws UsageException when it cannot be opened
     */
    public Cache open(Map<String, String> environment) {
        Map<String, String> values = values(environment);
        return UsageException.unlessUsable(
                () -> Cache.builder().env(Env.of(values)).build());
    }

    /**
     * Opens the cache for checkpoints, which whoever asked closes; empty when the entries' own holds them. For a store that may answer with old values after
     * a write it is a file in the folder, unless somebody says otherwise.
     *
     * @throws UsageException when it cannot be opened
     */
    public Optional<Cache> openCheckpoints(Map<String, String> environment, Cache entries) {
        Map<String, String> values = values(environment);
        if (checkpointDriver != null) {
            values.put("CHECKPOINT_DRIVER", checkpointDriver);
        }
        if (!entries.driver().capabilities().readAfterWrite()) {
            values.putIfAbsent("CHECKPOINT_DRIVER", "sqlite");
        }
        return UsageException.unlessUsable(() -> Cache.forCheckpoints(Env.of(values)));
    }

    /** The environment, and what the command line says instead. */
    private Map<String, String> values(Map<String, String> environment) {
        Path folder = folder(environment);
        Map<String, String> values = new HashMap<>(environment);
        values.put("CACHE_DIR", folder.toString());
        if (driver != null) {
            values.put("STORAGE_DRIVER", driver);
        }
        values.putIfAbsent("STORAGE_DRIVER", driverOf(folder));
        return values;
    }

    /** What a folder holds is gone on with; a new one gets the driver that writes and lists fastest, and whose one file any SQL tool opens. */
    private static String driverOf(Path folder) {
        boolean holdsFiles = Files.isDirectory(folder.resolve("index-v5"));
        boolean holdsDatabase = Files.exists(folder.resolve("all-docs.sqlite"));
        return holdsFiles && !holdsDatabase ? "filesystem" : "sqlite";
    }
}
