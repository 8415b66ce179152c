package io.alldocs.cli;

import io.alldocs.cache.Cache;
import io.alldocs.cache.spi.NearestName;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;

/**
 * Where a cache is.
 *
 * @param driver by its name; empty for the environment's, else the one whose cache is in the folder
 * @param folder empty for the environment's
 * @param bucket for stores that have one; empty for the environment's
 */
public record CacheLocation(Optional<String> driver, Optional<Path> folder, Optional<String> bucket) {
    /** Not the driver's own ./cache: in a clone of this project that is a module. */
    private static final String DEFAULT_FOLDER = "./all-docs-cache";

    private static final String FILES = "index-v5";
    private static final String DATABASE = "all-docs.sqlite";
    private static final Set<String> IN_A_FOLDER = Set.of("filesystem", "sqlite");

    /** Two letters at least: one is a drive of Windows. */
    private static final Pattern WITH_DRIVER = Pattern.compile("(?<driver>[a-z][a-z0-9-]+):(?<place>.*)");

    /** Reads {@code [DRIVER:]PLACE}. */
    public static final class Converter implements ITypeConverter<CacheLocation> {
        /** Made by picocli. */
        public Converter() {}

        @Override
        public CacheLocation convert(String value) {
            Matcher parts = WITH_DRIVER.matcher(value);
            if (!parts.matches()) {
                return new CacheLocation(Optional.empty(), Optional.of(Path.of(value)), Optional.empty());
            }
            Optional<String> driver = Optional.of(parts.group("driver"));
            Optional<String> place = Optional.of(parts.group("place")).filter(text -> !text.isEmpty());
            return IN_A_FOLDER.contains(parts.group("driver"))
                    ? new CacheLocation(driver, place.map(Path::of), Optional.empty())
                    : new CacheLocation(driver, Optional.empty(), place);
        }
    }

    /** The folder; it need not exist, and means little to stores without one. */
    public Path folder(Map<String, String> environment) {
        return folder.orElseGet(() -> Path.of(environment.getOrDefault("CACHE_DIR", DEFAULT_FOLDER)));
    }

    /** The environment, and what is said here instead. */
    Map<String, String> values(Map<String, String> environment) {
        Map<String, String> values = new HashMap<>(environment);
        values.put("CACHE_DIR", folder(environment).toString());
        values.put("STORAGE_DRIVER", driverName(environment));
        bucket.ifPresent(name -> values.putAll(Map.of("CACHE_BUCKET", name, "GCS_BUCKET", name)));
        return values;
    }

    /**
     * Opens the cache, and makes it when there is none; whoever asked closes it.
     *
     * @throws UsageException when it cannot be opened
     */
    public Cache open(Map<String, String> environment) {
        Map<String, String> values = values(environment);
        try {
            return UsageException.unlessUsable(
                    () -> Cache.builder().env(Environment.of(values)).build());
        } catch (UsageException e) {
            throw new UsageException(e.getMessage() + advice(values.getOrDefault("STORAGE_DRIVER", "")), e);
        }
    }

    /** What may help, by where the driver stores. */
    private static String advice(String name) {
        if (IN_A_FOLDER.contains(name)) {
            return "; name a folder that can be written with --cache-dir";
        }
        Set<String> known = new TreeSet<>();
        ServiceLoader.load(StorageDriverProvider.class).stream()
                .forEach(each -> known.add(each.get().name()));
        return known.contains(name) || NearestName.to(name, known).isPresent()
                ? ""
                : " The launcher adds jars in the folder lib beside it and in ALL_DOCS_CLASSPATH; java -jar ignores -cp and CLASSPATH.";
    }

    /**
     * As {@link #open}, but makes none: a mistyped folder must not become an empty cache.
     *
     * @throws UsageException when it cannot be opened, or there is no such folder
     */
    public Cache openExisting(Map<String, String> environment) {
        requireExisting(environment);
        return open(environment);
    }

    /**
     * Checks that a cache is there, where that can be seen without opening one.
     *
     * @throws UsageException when there is none
     */
    void requireExisting(Map<String, String> environment) {
        String name = driverName(environment);
        Path folder = folder(environment);
        boolean missing = switch (name) {
            case "filesystem" -> !Files.isDirectory(folder.resolve(FILES));
            case "sqlite" -> !Files.isRegularFile(database(environment));
            default -> false;
        };
        UsageException.refuse(
                missing,
                "There is no cache" + (driver.isEmpty() ? "" : " of the driver " + name) + " in " + folder
                        + "; fill one with all-docs bootstrap, or name another folder with --cache-dir");
    }

    private Path database(Map<String, String> environment) {
        return Optional.ofNullable(environment.get("SQLITE_FILE"))
                .filter(file -> !file.isBlank())
                .map(Path::of)
                .orElseGet(() -> folder(environment).resolve(DATABASE));
    }

    private String driverName(Map<String, String> environment) {
        return driver.or(() -> Optional.ofNullable(environment.get("STORAGE_DRIVER")))
                .orElseGet(() -> driverOf(folder(environment)));
    }

    /**
     * What a folder holds is gone on with; a new one gets the driver that writes and lists fastest, and whose one file
     * any SQL tool opens.
     */
    private static String driverOf(Path folder) {
        boolean holdsFiles = Files.isDirectory(folder.resolve(FILES));
        boolean holdsDatabase = Files.exists(folder.resolve(DATABASE));
        return holdsFiles && !holdsDatabase ? "filesystem" : "sqlite";
    }
}
