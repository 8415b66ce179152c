package io.alldocs.cli.bootstrap;

import static io.alldocs.cli.UsageException.refuse;

import io.alldocs.cli.ConsoleProgress;
import io.alldocs.cli.Errors;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.JobProgress;
import io.alldocs.cli.Progress;
import io.alldocs.cli.ReportFile;
import io.alldocs.cli.UsageException;
import io.alldocs.cli.Version;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncResult;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Wires a {@link io.alldocs.sync.RegistrySync} from options, runs it and prints its report. */
@Command(
        name = "bootstrap",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        description = {
            "Fetches every name and every packument into a cache, and says what is there and what is not.",
            "Interrupted at any moment, the same command goes on where it stopped; after it finished, it catches up"
                    + " with what changed."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:complete",
            "1:partial: something is missing or the run was interrupted; the same command goes on",
            "2:the command line, or a file or folder it names, cannot be used",
            "3:the origin or the registry refused, is none, or cannot be reached"
        },
        footer = {
            "",
            "Credentials are taken from .npmrc (in this folder, else NPM_CONFIG_USERCONFIG, else the home folder) and from"
                    + " NPM_TOKEN; they are sent to the registry they are for and to nobody else."
        })
public final class BootstrapCommand implements Callable<Integer> {
    /** Drivers that store in the folder, or nowhere. */
    private static final Set<String> OF_THIS_MACHINE = Set.of("filesystem", "sqlite", "memory");

    /** Changes that are read at a time: as many as CouchDB gives. */
    private static final int LARGEST_PAGE = 10_000;

    private static final int EMBEDDED_PORT = 7850;

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--embedded",
            paramLabel = "N",
            description = "Start a registry of N made-up names in this process, and use it as origin and registry.")
    private @Nullable Integer embedded;

    @Option(
            names = "--port",
            paramLabel = "P",
            defaultValue = "" + EMBEDDED_PORT,
            description = "Port of the embedded registry. Default: ${DEFAULT-VALUE}")
    private int port;

    @Mixin
    private JobOptions options = new JobOptions();

    @Option(names = "--force", description = "Load everything anew, whatever is stored.")
    private boolean force;

    @Option(names = "--offline", description = "Ask nobody; tell what the cache holds of this job.")
    private boolean offline;

    @Option(
            names = "--report",
            paramLabel = "FILE.json",
            description = "Write the report as JSON, partition by partition.")
    private @Nullable Path reportFile;

    @Option(names = "--quiet", description = "Print nothing but errors.")
    private boolean quiet;

    @Option(names = "--verbose", description = "Print the stack trace of what ended the run.")
    private boolean verbose;

    /** A command that reads its environment variables from {@code environment}. */
    public BootstrapCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        checkOptions();
        if (embedded == null) {
            return runJob();
        }
        try (EmbeddedRegistry server = startEmbedded(embedded)) {
            options.comeFrom(server.origin());
            return runJob();
        }
    }

    private void checkOptions() {
        options.check();
        refuse(embedded != null && options.namesASource(), "--embedded brings origin and registry of its own");
        refuse(offline && force, "--offline asks nobody and --force asks for everything");
        refuse(embedded != null && embedded < 0, "--embedded is a number of names, 0 or more");
        ReportFile.check("--report", reportFile);
    }

    private EmbeddedRegistry startEmbedded(int count) {
        try {
            return EmbeddedRegistry.builder().names(count).port(port).start();
        } catch (UncheckedIOException e) {
            throw new UsageException(
                    "Port " + port
                            + " of this machine is taken, perhaps by another run; name a free one with --port P.",
                    e);
        }
    }

    private int runJob() {
        try (Progress progress = quiet
                        ? Progress.NONE
                        : ConsoleProgress.on(spec.commandLine().getErr());
                JobClients clients = JobClients.open(
                        options,
                        environment,
                        sync -> sync.changesPage(LARGEST_PAGE).listener(JobProgress.on(progress)))) {
            progress.explainWith(clients::pause);
            SyncResult report = offline ? inventory(clients) : bootstrap(clients, progress);
            publish(report);
            return Errors.exitCode(report);
        }
    }

    private static SyncResult inventory(JobClients clients) {
        UsageException.unlessUsable(clients.sync()::state);
        return clients.sync().reportStored().toResult();
    }

    private SyncResult bootstrap(JobClients clients, Progress progress) {
        return clients.alone("bootstrap", () -> {
            progress.say(announcement(clients));
            options.notes().forEach(progress::say);
            return force ? clients.sync().reload() : clients.sync().bootstrap();
        });
    }

    private String announcement(JobClients clients) {
        SyncJob job = clients.job();
        String registryAddress = job.registry().toString();
        String sources = job.origin()
                .map(Object::toString)
                .filter(database -> !database.equals(registryAddress))
                .map(database -> database + " and packuments from " + registryAddress)
                .orElse(registryAddress);
        String driver = clients.sync().cache().driver().name();
        Path folder = options.cache().folder(environment);
        String progressIn = clients.sync().checkpoints() == clients.sync().cache()
                ? ""
                : "progress in " + folder + " by "
                        + clients.sync().checkpoints().driver().name() + ", ";
        return "Fetching " + job.what() + " from " + sources + " into "
                + (OF_THIS_MACHINE.contains(driver)
                        ? folder
                        : clients.sync().cache().driver()) + " (" + driver + ", "
                + progressIn + options.limit(job.registry()) + ").";
    }

    private void publish(SyncResult report) {
        if (reportFile != null) {
            ReportFile.write(
                    reportFile,
                    Errors.json(report.toJson(), Errors.exitCode(report)).toPrettyString() + "\n");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (!quiet) {
            ResultText.of(report).forEach(out::println);
            out.flush();
        } else if (Errors.exitCode(report) != ExitCode.COMPLETE) {
            err.println(
                    "Error: " + (report.reason() == null ? ResultText.of(report).get(0) : report.reason()));
        }
        if (verbose && report.cause() != null) {
            report.cause().printStackTrace(err);
        }
    }
}
