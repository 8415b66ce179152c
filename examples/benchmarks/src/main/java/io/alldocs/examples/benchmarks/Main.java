package io.alldocs.examples.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the benchmarks and chaos programs. */
@Command(
        name = "all-docs-benchmarks",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        description = "Compares the SDK with others, and tests it under faults.")
public final class Main {

    /** Created by picocli. */
    public Main() {}

    /**
     * Runs one command and exits with its code: 0 if its checks passed, 1 if they failed, 2 for an invalid command
     * line.
     */
    public static void main(String[] args) {
        // The S3 fake forwards the Host header, because the signatures cover it. The JDK reads this property once,
        // before it creates its first client.
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
        System.exit(run(new PrintWriter(System.out, true, UTF_8), new PrintWriter(System.err, true, UTF_8), args));
    }

    /** Runs one command in this process. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.addSubcommand(new CompareCommand());
        commandLine.addSubcommand(new FetchCommand());
        commandLine.addSubcommand(new StorageCommand());
        commandLine.addSubcommand(new StoresCommand());
        commandLine.addSubcommand(new StoreServer());
        commandLine.addSubcommand(new QueueCommand());
        commandLine.addSubcommand(new QueueRunCommand());
        commandLine.addSubcommand(new ScanCommand());
        commandLine.addSubcommand(new ScanCacheCommand());
        commandLine.addSubcommand(new HeapCommand());
        commandLine.addSubcommand(new MirrorSpeedCommand());
        commandLine.addSubcommand(new StartupCommand());
        commandLine.addSubcommand(new MicroCommand());
        commandLine.addSubcommand(new KillCommand());
        commandLine.addSubcommand(new FaultsCommand());
        commandLine.addSubcommand(new DamageCommand());
        commandLine.addSubcommand(new FollowCommand());
        commandLine.addSubcommand(new WorkersCommand());
        commandLine.addSubcommand(new WorkerStartupCommand());
        commandLine.addSubcommand(new ClassPathsCommand());
        commandLine.addSubcommand(new FleetChaosCommand());
        commandLine.addSubcommand(new FleetFollowCommand());
        commandLine.addSubcommand(new FleetHandoverCommand());
        commandLine.addSubcommand(new S3ServerCommand());
        commandLine.addSubcommand(new CommandLine.HelpCommand());
        commandLine.setUsageHelpWidth(110);
        return commandLine.setOut(out).setErr(err).execute(args);
    }
}
