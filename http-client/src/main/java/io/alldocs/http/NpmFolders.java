package io.alldocs.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds npm's configuration files (package {@code @npmcli/config}). */
final class NpmFolders {

    private static final String RC = ".npmrc";

    private final Map<String, String> variables;
    private final boolean searches;

    /** @param searches whether to search for files that no setting names */
    NpmFolders(Map<String, String> variables, boolean searches) {
        this.variables = variables;
        this.searches = searches;
    }

    /** Returns the {@code .npmrc} of the project that contains {@code folder}; it need not exist. */
    static Path projectFile(Path folder) {
        Path here = folder.toAbsolutePath().normalize();
        for (Path at = here; at != null; at = at.getParent()) {
            if (Files.isRegularFile(at.resolve("package.json")) || Files.isDirectory(at.resolve("node_modules"))) {
                return at.resolve(RC);
            }
        }
        return here.resolve(RC);
    }

    /** Returns the user's file if no setting names another one. */
    Optional<Path> userFile() {
        return searches ? Optional.of(home().resolve(RC)) : Optional.empty();
    }

    /**
     * Returns the global file if no setting names another one.
     *
     * @param prefix the setting {@code prefix}
     */
    Optional<Path> globalFile(Optional<Path> prefix) {
        return prefix.or(() -> searches ? defaultPrefix() : Optional.empty())
                .map(folder -> folder.resolve("etc").resolve("npmrc"));
    }

    /**
     * Returns a setting's value as a path: {@code ~/} is the home folder, and relative paths are resolved against the
     * working folder.
     *
     * @throws IllegalArgumentException if it cannot be a path
     */
    Path path(Setting setting) {
        String value = setting.value();
        try {
            boolean isHome = value.startsWith("~/") || (isWindows() && value.startsWith("~\\"));
            Path path = isHome ? home().resolve(value.substring(2)) : Path.of(value);
            return path.toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw setting.invalid("is not a path");
        }
    }

    private Path home() {
        String home = variables.getOrDefault(isWindows() ? "USERPROFILE" : "HOME", "");
        return Path.of(home.isBlank() ? System.getProperty("user.home") : home).toAbsolutePath();
    }

    private Optional<Path> defaultPrefix() {
        String prefix = variables.getOrDefault("PREFIX", "");
        if (!prefix.isBlank()) {
            return Optional.of(Path.of(prefix).toAbsolutePath());
        }
        String separator = System.getProperty("path.separator");
        for (String folder : variables.getOrDefault("PATH", "").split(Pattern.quote(separator), -1)) {
            Optional<Path> found = folder.isBlank() ? Optional.empty() : prefixOfNode(folder);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /**
     * Returns {@code /usr/local} for {@code /usr/local/bin/node} after following links; on Windows the folder itself.
     */
    private static Optional<Path> prefixOfNode(String folder) {
        try {
            Path node = Path.of(folder).resolve(isWindows() ? "node.exe" : "node");
            if (!Files.isExecutable(node)) {
                return Optional.empty();
            }
            Path bin = node.toRealPath().getParent();
            return Optional.ofNullable(isWindows() || bin == null ? bin : bin.getParent());
        } catch (IOException | InvalidPathException e) {
            return Optional.empty(); // this entry of the PATH has no node
        }
    }

    private static boolean isWindows() {
        return System.getProperty("os.name").startsWith("Windows");
    }
}
