package io.alldocs.cli;

import io.alldocs.cli.bootstrap.BootstrapCommand;
import io.alldocs.cli.follow.FollowCommand;
import io.alldocs.cli.operations.ClearCommand;
import io.alldocs.cli.operations.CopyCommand;
import io.alldocs.cli.operations.DiffCommand;
import io.alldocs.cli.operations.ExportCommand;
import io.alldocs.cli.operations.ListCommand;
import io.alldocs.cli.operations.PolicyCommand;
import io.alldocs.cli.operations.ShowCommand;
import io.alldocs.cli.operations.StatsCommand;
import io.alldocs.cli.operations.VerifyCommand;
import io.alldocs.cli.report.ReportCommand;
import io.alldocs.cli.worker.FleetCommand;
import io.alldocs.cli.worker.QueueCommand;
import io.alldocs.cli.worker.SeedCommand;
import io.alldocs.cli.worker.WorkerCommand;
import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code all-docs} command. */
@Command(
        name = "all-docs",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        scope = CommandLine.ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        description = "Fetches npm registry metadata into a verified local cache.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:complete: everything requested is stored",
            "1:partial: something is missing, or the run was interrupted; the same command resumes",
            "2:the command line is invalid, or a file or folder that it names cannot be used",
            "3:the origin refused the request, is not a registry, or is unreachable"
        })
public final class Main {

    /** Creates the command; called by picocli. */
    public Main() {}

    /** Runs one command and exits with a code of {@link ExitCode}. */
    public static void main(String[] args) {
        prepareJvm();
        Charset charset = terminalCharset();
        PrintWriter err = new PrintWriter(System.err, true, charset);
        DisplayLog.install(err);
        boolean quiet = Arrays.asList(args).contains("--quiet");
        Interruption interruption = Interruption.guardThisThread(line -> {
            if (!quiet) {
                DisplayLog.say(line, err);
            }
        });
        int code = run(
                System.getenv(),
                Terminal.writer(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), charset),
                err,
                args);
        interruption.finish(code);
        System.exit(code);
    }

    /**
     * Runs one command in this process, with {@code environment} in place of the process's variables. Returns the exit
     * code.
     */
    public static int run(Map<String, String> environment, PrintWriter out, PrintWriter err, String... args) {
        int code = commandLine(environment, args).setOut(out).setErr(err).execute(args);
        try {
            if (!out.checkError()) {
                return code;
            }
        } catch (Terminal.ReaderLeftException e) {
            return code;
        }
        err.println("Error: Cannot write to standard output; the output is incomplete.");
        return code == ExitCode.COMPLETE ? ExitCode.PARTIAL : code;
    }

    /**
     * Returns a command line with only the command that the arguments name, or with all commands if they name none.
     * Picocli needs more time to inspect all commands than most commands need to start.
     */
    private static CommandLine commandLine(Map<String, String> environment, String... args) {
        CommandLine commandLine = new CommandLine(new Main());
        Map<String, Function<Map<String, String>, Callable<Integer>>> commands = commands();
        if (args.length > 0 && commands.containsKey(args[0]) && !args[0].equals("completion")) {
            commands.keySet().retainAll(Set.of(args[0]));
        }
        commands.values().forEach(command -> commandLine.addSubcommand(command.apply(environment)));
        commandLine.addSubcommand(new CommandLine.HelpCommand());
        CommandGroups.useIn(commandLine);
        commandLine.setUsageHelpWidth(110);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler(Errors::explainUsage);
        commandLine.setExecutionExceptionHandler(Errors::explain);
        return commandLine;
    }

    /** Returns all commands, ready to parse arguments. Tests that cover every command use it too. */
    static CommandLine allCommands() {
        return commandLine(Map.of());
    }

    private static Map<String, Function<Map<String, String>, Callable<Integer>>> commands() {
        Map<String, Function<Map<String, String>, Callable<Integer>>> commands = new LinkedHashMap<>();
        commands.put("config", ConfigCommand::new);
        commands.put("quickstart", QuickStartCommand::new);
        commands.put("bootstrap", BootstrapCommand::new);
        commands.put("report", ReportCommand::new);
        commands.put("follow", FollowCommand::new);
        commands.put("fleet", FleetCommand::new);
        commands.put("worker", WorkerCommand::new);
        commands.put("seed", SeedCommand::new);
        commands.put("queue", QueueCommand::new);
        commands.put("show", ShowCommand::new);
        commands.put("policy", PolicyCommand::new);
        commands.put("list", ListCommand::new);
        commands.put("stats", StatsCommand::new);
        commands.put("verify", VerifyCommand::new);
        commands.put("clear", ClearCommand::new);
        commands.put("export", ExportCommand::new);
        commands.put("diff", DiffCommand::new);
        commands.put("copy", CopyCommand::new);
        commands.put("mirror", MirrorCommand::new);
        commands.put("embedded-registry", EmbeddedRegistryCommand::new);
        commands.put("completion", unused -> new CompletionCommand());
        return commands;
    }

    /**
     * Returns the terminal's character set, or UTF-8 if the terminal's is ASCII. A container has no locale, so the JVM
     * uses ASCII there. It would then print other characters of names as question marks.
     */
    @SuppressWarnings("SystemConsoleNull") // null and non-null consoles are both handled
    private static Charset terminalCharset() {
        Console console = System.console();
        Charset charset = console == null ? Charset.defaultCharset() : console.charset();
        return charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset;
    }

    /**
     * Sets properties of the JDK's HTTP client. Must run before the client is first used, because it reads its
     * properties once. Without them, JDK 17 keeps idle connections for 1,200 s. Every JDK drops the password of a proxy
     * when it opens a tunnel for https.
     */
    private static void prepareJvm() {
        if (System.getProperty("jdk.httpclient.keepalive.timeout") == null) {
            System.setProperty("jdk.httpclient.keepalive.timeout", "30");
        }
        if (System.getProperty("jdk.http.auth.tunneling.disabledSchemes") == null) {
            System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
        }
    }
}
