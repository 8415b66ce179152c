package io.alldocs.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Output options that all commands share. A picocli mixin. */
public final class OutputOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec command;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Option(names = "--quiet", description = "Print only errors and the requested data.")
    private boolean quiet;

    @Option(names = "--verbose", description = "Print the stack trace of an error.")
    private boolean verbose;

    /** Creates the options; called by picocli. */
    public OutputOptions() {}

    /** Returns whether the command prints its result as JSON, for programs. */
    public boolean json() {
        return json;
    }

    /** Returns whether the command prints only errors and the requested data. */
    public boolean quiet() {
        return quiet;
    }

    /** Returns whether the command prints stack traces. */
    public boolean verbose() {
        return verbose;
    }

    /** Returns standard output. */
    public PrintWriter out() {
        return command.commandLine().getOut();
    }

    /** Returns standard error. */
    public PrintWriter err() {
        return command.commandLine().getErr();
    }

    /** Returns a progress display on standard error; the caller closes it. */
    public Progress progress() {
        return quiet ? Progress.NONE : ConsoleProgress.on(err());
    }

    /** Prints a line about the work on standard error, unless {@code --quiet} was given. */
    public void say(String line) {
        if (!quiet) {
            err().println(line);
            err().flush();
        }
    }
}
