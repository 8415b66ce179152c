package io.alldocs.http;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of all sources, merged by name, and the environment variables that other programs use for the same
 * purpose. Immutable.
 */
final class Settings {

    static final Settings NONE = new Settings(List.of(), Map.of(), new NpmFolders(Map.of(), false));

    private final Map<String, Setting> merged;
    private final Map<String, String> variables;
    private final NpmFolders folders;

    /** @param sources from highest to lowest precedence */
    Settings(List<Map<String, Setting>> sources, Map<String, String> variables, NpmFolders folders) {
        Map<String, Setting> all = new LinkedHashMap<>();
        List<Map<String, Setting>> rising = new ArrayList<>(sources);
        Collections.reverse(rising);
        for (Map<String, Setting> source : rising) {
            NpmLogins.withHosts(source).forEach((name, setting) -> {
                all.remove(name); // so that the iteration order is the order of precedence
                all.put(name, setting);
            });
        }
        this.merged = Collections.unmodifiableMap(all);
        this.variables = Map.copyOf(variables);
        this.folders = folders;
    }

    /** Returns the setting {@code name}, unless it is empty or {@code null}. */
    Optional<Setting> find(String name) {
        return Optional.ofNullable(merged.get(name)).filter(Settings::isSet);
    }

    /** Returns all settings that are set, in ascending order of precedence. */
    Collection<Setting> all() {
        return merged.values().stream().filter(Settings::isSet).toList();
    }

    /** Returns the first of these environment variables that is set, in any letter case. */
    Optional<Setting> variable(String... names) {
        for (String name : names) {
            Optional<Setting> found = variables.entrySet().stream()
                    .filter(entry -> entry.getKey().equalsIgnoreCase(name)
                            && !entry.getValue().isBlank())
                    .min(Map.Entry.comparingByKey(Collections.reverseOrder()))
                    .map(entry -> Setting.of(entry.getKey(), entry.getValue().strip(), entry.getKey()));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** Returns the file that {@code setting} names. */
    Path path(Setting setting) {
        return folders.path(setting);
    }

    private static boolean isSet(Setting setting) {
        return !setting.value().isEmpty() && !setting.value().equals("null");
    }
}
