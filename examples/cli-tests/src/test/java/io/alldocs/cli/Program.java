package io.alldocs.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;

/** Runs a command line in this process, with an environment that is independent of this machine. */
public final class Program {
    private Program() {}

    /** The output and the exit code of a run. */
    public record Result(int exitCode, String out, String err) {}

    /** Runs a command without variables, except one that names an .npmrc file that does not exist. */
    public static Result run(String... args) {
        return run(Map.of(), args);
    }

    /** Runs a command with {@code variables} in addition to that one. */
    public static Result run(Map<String, String> variables, String... args) {
        Map<String, String> environment = new HashMap<>(Map.of("NPM_CONFIG_USERCONFIG", "target/no-such-npmrc"));
        environment.putAll(variables);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(environment, new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Result(exitCode, out.toString(), err.toString());
    }
}
