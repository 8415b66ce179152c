package io.alldocs.cli;

import io.alldocs.Env;
import io.alldocs.http.NpmConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * Builds the configuration of a command. The sources are the environment variables, and the configuration files that
 * npm would read in the working folder.
 */
public final class Environment {
    private Environment() {}

    /** Returns the variables, for clients, caches and queues. */
    public static Env of(Map<String, String> variables) {
        return Env.of(variables).withUserFiles().withProject(Path.of(""));
    }

    /**
     * Returns the npm configuration.
     *
     * @throws UsageException if a file cannot be read
     * @throws IllegalArgumentException if a setting cannot be used
     */
    public static NpmConfig npmConfig(Map<String, String> variables) {
        Env env = of(variables);
        return UsageException.unlessUsable(
                () -> NpmConfig.load(env.asMap(), env.readsUserFiles(), env.projectFolder()));
    }
}
