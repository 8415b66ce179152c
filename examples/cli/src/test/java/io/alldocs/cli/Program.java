package io.alldocs.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;

/** Runs a command line in this process, with an environment that knows nothing of this machine. */
public final class Program {
    private Program() {}

    /** What a run printed and how it ended. */
    public record Result(int exitCode, String out, String err) {}

    /** Runs with no variable but an .npmrc that does not exist. */
    public static Result run(String... args) {
        return run(Map.of(), args);
    }

    /** Runs with {@code variables} beside that. */
    public static Result run(Map<String, String> variables, String... args) {
        Map<String, String> environment = new HashMap<>(Map.of("NPM_CONFIG_USERCONFIG", "target/no-such-npmrc"));
        environment.putAll(variables);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(environment, new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Result(exitCode, out.toString(), err.toString());
    }
}
