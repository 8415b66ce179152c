package io.alldocs.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command prints: the options that all commands share. To be mixed into a command. */
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

    /** Made by picocli. */
    public OutputOptions() {}

    /** Whether the result is printed for a program. */
    public boolean json() {
        return json;
    }

    /** Whether only errors, and data that was asked for, are printed. */
    public boolean quiet() {
        return quiet;
    }

    /** Whether stack traces are printed. */
    public boolean verbose() {
        return verbose;
    }

    /** Standard output. */
    public PrintWriter out() {
        return command.commandLine().getOut();
    }

    /** Standard error. */
    public PrintWriter err() {
        return command.commandLine().getErr();
    }

    /** A display of progress on standard error; whoever asked closes it. */
    public Progress progress() {
        return quiet ? Progress.NONE : ConsoleProgress.on(err());
    }

    /** Prints a line about the work, on standard error, unless {@code --quiet} was given. */
    public void say(String line) {
        if (!quiet) {
            err().println(line);
            err().flush();
        }
    }
}
