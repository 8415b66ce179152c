package io.alldocs.examples.programs;

import io.alldocs.examples.programs.bootstrap.BootstrapCommand;
import io.alldocs.examples.programs.follow.FollowCommand;
import io.alldocs.examples.programs.operations.ClearCommand;
import io.alldocs.examples.programs.operations.CopyCommand;
import io.alldocs.examples.programs.operations.DiffCommand;
import io.alldocs.examples.programs.operations.ExportCommand;
import io.alldocs.examples.programs.operations.ListCommand;
import io.alldocs.examples.programs.operations.StatsCommand;
import io.alldocs.examples.programs.operations.VerifyCommand;
import io.alldocs.examples.programs.report.ReportCommand;
import io.alldocs.examples.programs.worker.FleetCommand;
import io.alldocs.examples.programs.worker.SeedCommand;
import io.alldocs.examples.programs.worker.WorkerCommand;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Command line of the examples. */
@Command(
        name = "all-docs-examples",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        scope = CommandLine.ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        description = "Fetches npm registry metadata into a verified local cache.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:complete: all that was asked for is there",
            "1:partial: something is missing or the run was interrupted; the same command goes on",
            "2:the command line, or a file or folder it names, cannot be used",
            "3:the origin refused, is no registry, or cannot be reached"
        })
public final class Main {

    /** Made by picocli. */
    public Main() {}

    /** Runs one command and exits with one of {@link ExitCode}. */
    public static void main(String[] args) {
        prepareJvm();
        Interruption interruption = Interruption.guardThisThread();
        Charset charset = terminalCharset();
        int code = run(
                System.getenv(),
                new PrintWriter(System.out, true, charset),
                new PrintWriter(System.err, true, charset),
                args);
        interruption.finish(code);
        System.exit(code);
    }

    /** Runs one command in this process; {@code environment} stands for the process's. */
    public static int run(Map<String, String> environment, PrintWriter out, PrintWriter err, String... args) {
        return commandLine(environment).setOut(out).setErr(err).execute(args);
    }

    private static CommandLine commandLine(Map<String, String> environment) {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.addSubcommand(new QuickStartCommand(environment));
        commandLine.addSubcommand(new BootstrapCommand(environment));
        commandLine.addSubcommand(new ReportCommand(environment));
        commandLine.addSubcommand(new FollowCommand(environment));
        commandLine.addSubcommand(new FleetCommand(environment));
        commandLine.addSubcommand(new WorkerCommand(environment));
        commandLine.addSubcommand(new SeedCommand(environment));
        commandLine.addSubcommand(new ListCommand(environment));
        commandLine.addSubcommand(new StatsCommand(environment));
        commandLine.addSubcommand(new VerifyCommand(environment));
        commandLine.addSubcommand(new ClearCommand(environment));
        commandLine.addSubcommand(new ExportCommand(environment));
        commandLine.addSubcommand(new DiffCommand(environment));
        commandLine.addSubcommand(new CopyCommand(environment));
        commandLine.addSubcommand(new MirrorCommand(environment));
        commandLine.addSubcommand(new EmbeddedRegistryCommand(environment));
        commandLine.addSubcommand(new CommandLine.HelpCommand());
        commandLine.setUsageHelpWidth(110);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler(Errors::explainUsage);
        commandLine.setExecutionExceptionHandler(Errors::explain);
        return commandLine;
    }

    @SuppressWarnings("SystemConsoleNull") // both are fine here
    private static Charset terminalCharset() {
        Console console = System.console();
        return console == null ? Charset.defaultCharset() : console.charset();
    }

    /** Must run before the JDK's HTTP client is first touched: it reads its properties once (JDK 17 keeps idle connections for 1,200 s). */
    private static void prepareJvm() {
        if (System.getProperty("jdk.httpclient.keepalive.timeout") == null) {
            System.setProperty("jdk.httpclient.keepalive.timeout", "30");
        }
        Logger.getLogger("").setLevel(Level.WARNING);
    }
}
