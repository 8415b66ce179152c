package io.alldocs.examples.benchmarks;

import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of benchmarks that print figures. */
final class FigureOptions {
    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--work-dir", required = true, description = "A new folder for all files; it is not deleted.")
    private Path workDir = Path.of("");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    Path workDir() {
        return workDir;
    }

    /** Returns the writer for progress. */
    PrintWriter err() {
        return command.commandLine().getErr();
    }

    void roundEnded(int round, int rounds) {
        err().printf("round %d of %d has ended%n", round, rounds);
        err().flush();
    }

    void print(Figures figures) {
        command.commandLine().getOut().println(json ? figures.toJson().toPrettyString() : figures.toTable());
    }
}
