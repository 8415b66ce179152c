package io.alldocs.http;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Loads the npm configuration from the same sources as npm and merges it setting by setting. From highest to lowest
 * precedence:
 *
 * <ol>
 * <li>{@link #option options} given in code or on a command line
 * <li>the variables {@code NPM_REGISTRY} and {@code NPM_TOKEN}
 * <li>variables whose name starts with {@code npm_config_} in any letter case
 * <li>the {@code .npmrc} of the {@link #project project}
 * <li>the user's {@code .npmrc}: the file that {@code npm_config_userconfig} names, else, with {@link #userFiles}, the
 * one in the home folder
 * <li>the global file: the one that {@code npm_config_globalconfig} names, else {@code etc/npmrc} below the prefix
 * </ol>
 *
 * <p>The variable {@code NPM_CREDENTIALS_OVER_HTTP} ({@code true} or {@code false}) controls whether credentials may be
 * sent over plain http to another machine; npm has no such setting. A variable that is empty counts as not set. Without
 * {@link #userFiles} and {@link #project}, only files that a variable names are read. Not safe for concurrent use.
 */
public final class NpmConfigLoader {

    private static final String PREFIX = "npm_config_";

    private final Map<String, String> variables;
    private final Map<String, Setting> options = new LinkedHashMap<>();
    private boolean userFiles;
    private @Nullable Path project;

    NpmConfigLoader(Map<String, String> variables) {
        this.variables = variables;
    }

    /**
     * Sets whether the user's {@code .npmrc} and the global file are read even if no variable names them. Default:
     * false. The user's folder is the variable {@code HOME} ({@code USERPROFILE} on Windows), else the JVM's
     * {@code user.home}. The prefix of the global file is found as in npm. It is the setting {@code prefix}, else the
     * variable {@code PREFIX}. Without both, it is the parent of the folder that contains the {@code node} on the
     * {@code PATH}.
     */
    public NpmConfigLoader userFiles(boolean read) {
        this.userFiles = read;
        return this;
    }

    /**
     * Sets the folder of a project whose {@code .npmrc} is read too. Default: none, so that a service does not read a
     * file in its working folder.
     *
     * @param folder the project is the nearest folder at or above this one that has a {@code package.json} or
     *     {@code node_modules}, else this one
     */
    public NpmConfigLoader project(Path folder) {
        this.project = folder;
        return this;
    }

    /**
     * Sets {@code name}; the value takes precedence over every other source.
     *
     * @param name as in {@code .npmrc}: {@code registry}, {@code https-proxy}, {@code //host/path/:_authToken}
     * @param source the origin of the value, for messages and {@link NpmConfig#settings}: {@code --registry}
     */
    public NpmConfigLoader option(String name, String value, String source) {
        options.put(name, Setting.of(name, value, source));
        return this;
    }

    /**
     * Reads the sources and merges them.
     *
     * @throws IllegalArgumentException if a registry or a credential cannot be used; the message names source and
     *     setting, never the value
     * @throws UncheckedIOException if a file exists and cannot be read
     */
    public NpmConfig load() {
        List<Map<String, Setting>> sources = new ArrayList<>();
        sources.add(options);
        sources.add(named());
        sources.add(prefixed());
        NpmFolders folders = new NpmFolders(variables, userFiles);
        Optional<Path> projectFile = Optional.ofNullable(project).map(NpmFolders::projectFile);
        Map<String, Setting> ofProject =
                projectFile.map(file -> Npmrc.read(file, this::variable)).orElse(Map.of());
        Optional<Path> userFile =
                path("userconfig", folders, with(sources, ofProject)).or(folders::userFile);
        boolean sameFile = projectFile.isPresent() && projectFile.equals(userFile);
        sources.add(sameFile ? Map.of() : ofProject);
        sources.add(userFile.map(file -> Npmrc.read(file, this::variable)).orElse(Map.of()));
        Optional<Path> globalFile =
                path("globalconfig", folders, sources).or(() -> folders.globalFile(path("prefix", folders, sources)));
        sources.add(globalFile.map(file -> Npmrc.read(file, this::variable)).orElse(Map.of()));
        return new NpmConfig(new Settings(sources, variables, folders));
    }

    private @Nullable String variable(String name) {
        return variables.get(name);
    }

    /** Returns the values of this project's own variables, which npm does not have. */
    private Map<String, Setting> named() {
        Map<String, Setting> named = new LinkedHashMap<>();
        String registry = variables.getOrDefault("NPM_REGISTRY", "").strip();
        if (!registry.isEmpty()) {
            named.put("registry", Setting.of("registry", registry, "NPM_REGISTRY"));
        }
        String token = variables.getOrDefault("NPM_TOKEN", "").strip();
        if (!token.isEmpty()) {
            named.put(NpmLogins.NPM_TOKEN, Setting.of(NpmLogins.NPM_TOKEN, token, "NPM_TOKEN"));
        }
        return named;
    }

    /**
     * Returns the {@code npm_config_} variables as npm interprets them. In the rest of the name, every _ except a
     * leading one becomes -, unless the rest starts with //.
     */
    private Map<String, Setting> prefixed() {
        Map<String, Setting> prefixed = new LinkedHashMap<>();
        new TreeMap<>(variables).forEach((variable, value) -> { // of two spellings, the lower-case one applies
            if (!variable.regionMatches(true, 0, PREFIX, 0, PREFIX.length()) || value.isBlank()) {
                return;
            }
            String rest = variable.substring(PREFIX.length());
            String name = rest.startsWith("//")
                    ? rest
                    : rest.replaceAll("(?!^)_", "-").toLowerCase(Locale.ROOT);
            String expanded = Ini.expand(value.strip(), this::variable);
            List<String> values = name.equals("ca") ? List.of(expanded.split("\n\n")) : List.of(expanded);
            prefixed.put(name, new Setting(name, values, variable));
        });
        return prefixed;
    }

    private static List<Map<String, Setting>> with(List<Map<String, Setting>> sources, Map<String, Setting> more) {
        List<Map<String, Setting>> all = new ArrayList<>(sources);
        all.add(more);
        return all;
    }

    private static Optional<Path> path(String name, NpmFolders folders, List<Map<String, Setting>> sources) {
        return sources.stream()
                .map(source -> source.get(name))
                .filter(Objects::nonNull)
                .filter(setting -> !setting.value().isEmpty())
                .findFirst()
                .map(folders::path);
    }
}
