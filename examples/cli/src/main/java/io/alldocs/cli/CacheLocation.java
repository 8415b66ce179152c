package io.alldocs.cli;

import io.alldocs.cache.Cache;
import io.alldocs.cache.spi.StorageDriverProvider;
import io.alldocs.spi.NearestName;
import java.io.IOException;
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
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;

/**
 * The location of a cache.
 *
 * @param driver name of the storage driver; if empty, the environment names the driver, or the cache in the folder
 *     determines it
 * @param folder folder of the cache; if empty, the environment names it
 * @param bucket bucket, for stores that have one; if empty, the environment names it
 */
public record CacheLocation(Optional<String> driver, Optional<Path> folder, Optional<String> bucket) {
    /**
     * Differs from the driver's default, {@code ./cache}, because a clone of this project has a module in that folder.
     */
    private static final String DEFAULT_FOLDER = "./all-docs-cache";

    private static final String FILES = "index-v5";
    private static final String DATABASE = "all-docs.sqlite";
    private static final Set<String> IN_A_FOLDER = Set.of("filesystem", "sqlite");

    /** Driver names have at least two letters, since a single letter is a Windows drive. */
    private static final Pattern WITH_DRIVER = Pattern.compile("(?<driver>[a-z][a-z0-9-]+):(?<place>.*)");

    /** Converts an option's value of the form {@code [DRIVER:]PLACE}. */
    public static final class Converter implements ITypeConverter<CacheLocation> {
        /** Creates the converter; called by picocli. */
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

    /** Returns the folder. It need not exist. Stores outside the file system do not use it for entries. */
    public Path folder(Map<String, String> environment) {
        return folder.orElseGet(() -> Path.of(environment.getOrDefault("CACHE_DIR", DEFAULT_FOLDER)));
    }

    /** Returns {@code environment} with the variables that this location overrides. */
    Map<String, String> values(Map<String, String> environment) {
        Map<String, String> values = new HashMap<>(environment);
        values.put("CACHE_DIR", folder(environment).toString());
        values.put("STORAGE_DRIVER", driverName(environment));
        bucket.ifPresent(name -> values.putAll(Map.of("CACHE_BUCKET", name, "GCS_BUCKET", name)));
        return values;
    }

    /**
     * Opens the cache, and creates it if there is none. The caller closes it.
     *
     * @throws UsageException if the cache cannot be opened
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

    /** Returns advice that depends on where the driver stores its entries. */
    private static String advice(String name) {
        if (IN_A_FOLDER.contains(name)) {
            return "; choose a writable folder with --cache-dir";
        }
        Set<String> known = new TreeSet<>();
        ServiceLoader.load(StorageDriverProvider.class).stream()
                .forEach(each -> known.add(each.get().name()));
        return known.contains(name) || NearestName.to(name, known).isPresent()
                ? ""
                : " The launcher adds jars in the folder lib next to it and in ALL_DOCS_CLASSPATH; java -jar ignores"
                        + " -cp and CLASSPATH.";
    }

    /**
     * Opens the cache like {@link #open}, but does not create one, so that a mistyped folder does not become an empty
     * cache.
     *
     * @throws UsageException if the cache cannot be opened or does not exist
     */
    public Cache openExisting(Map<String, String> environment) {
        requireExisting(environment);
        return open(environment);
    }

    /**
     * Checks that the cache exists. Checks only drivers whose files show this without opening the cache.
     *
     * @throws UsageException if there is no cache
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
                missing && driver.isEmpty() && hasFiles(folder),
                "The folder " + folder
                        + " contains files, but no cache of the drivers sqlite and filesystem; pass the driver that"
                        + " wrote them with --driver");
        UsageException.refuse(
                missing,
                "There is no cache" + (driver.isEmpty() ? "" : " of the driver " + name) + " in " + folder
                        + "; create one with all-docs bootstrap, or choose another folder with --cache-dir");
    }

    private static boolean hasFiles(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.findFirst().isPresent();
        } catch (IOException e) {
            return false;
        }
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
     * Returns the driver of the cache that the folder contains. For a new folder, returns the driver that writes and
     * lists fastest. Any SQL tool can open its single file.
     */
    private static String driverOf(Path folder) {
        boolean holdsFiles = Files.isDirectory(folder.resolve(FILES));
        boolean holdsDatabase = Files.exists(folder.resolve(DATABASE));
        return holdsFiles && !holdsDatabase ? "filesystem" : "sqlite";
    }
}
