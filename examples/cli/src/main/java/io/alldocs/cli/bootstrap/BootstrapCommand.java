package io.alldocs.cli.bootstrap;

import static io.alldocs.cli.UsageException.refuse;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cli.Errors;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.JobProgress;
import io.alldocs.cli.OutputOptions;
import io.alldocs.cli.Progress;
import io.alldocs.cli.ReportOption;
import io.alldocs.cli.UsageException;
import io.alldocs.cli.Version;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncResult;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Builds a {@link io.alldocs.sync.RegistrySync} from options, runs it and prints its report. */
@Command(
        name = "bootstrap",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        description = {
            "Fetches every name and every packument into a cache, and reports what is missing.",
            "If it is interrupted, the same command resumes where it left off. After it has finished, the same command"
                    + " fetches what changed."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:complete",
            "1:partial: something is missing or the run was interrupted; the same command resumes",
            "2:the command line is invalid, or a file or folder that it names cannot be used",
            "3:the origin or the registry refused the request, is not a registry, or is unreachable"
        },
        footer = {
            "",
            "Credentials are taken from .npmrc (in this folder, else NPM_CONFIG_USERCONFIG, else the home folder)"
                    + " and from NPM_TOKEN. They are sent only to their own registry."
        })
public final class BootstrapCommand implements Callable<Integer> {
    /** Drivers that store entries in the folder, or in memory. */
    private static final Set<String> OF_THIS_MACHINE = Set.of("filesystem", "sqlite", "memory");

    /** Number of changes read per request: the maximum that CouchDB returns. */
    private static final int LARGEST_PAGE = 10_000;

    private final Map<String, String> environment;

    @Mixin
    private JobOptions options = new JobOptions();

    @Option(names = "--force", description = "Fetch everything again, whatever is cached.")
    private boolean force;

    @Option(names = "--offline", description = "Send no requests; report what is cached.")
    private boolean offline;

    @Mixin
    private ReportOption reportFile = new ReportOption();

    @Mixin
    private OutputOptions output = new OutputOptions();

    /** Creates a command that reads its environment variables from {@code environment}. */
    public BootstrapCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        options.check();
        refuse(offline && force, "--offline and --force cannot be used together: --force sends requests");
        reportFile.check();
        try (Progress progress = output.progress();
                JobClients clients = JobClients.open(
                        options,
                        environment,
                        offline ? JobClients.Which.STORED : JobClients.Which.DESCRIBED,
                        "bootstrap",
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
                        : address(clients.sync().cache().driver())) + " (" + driver + ", "
                + progressIn + options.limit(job.registry()) + ").";
    }

    /** Returns the driver's description of its store, or the driver's name if it has no {@code toString}. */
    private static String address(StorageDriver driver) {
        String words = driver.toString();
        return words.startsWith(driver.getClass().getName() + "@") ? "the store " + driver.name() : words;
    }

    private void publish(SyncResult report) {
        int exitCode = Errors.exitCode(report);
        reportFile.write(() -> Errors.json(report.toJson().as(JsonNode.class), exitCode));
        if (output.json()) {
            output.out()
                    .println(Errors.json(report.toJson().as(JsonNode.class), exitCode)
                            .toPrettyString());
        } else if (!output.quiet()) {
            ResultText.of(report).forEach(output.out()::println);
        } else if (exitCode != ExitCode.COMPLETE) {
            output.err()
                    .println("Error: "
                            + (report.reason() == null ? ResultText.of(report).get(0) : report.reason()));
        }
        output.out().flush();
        if (output.verbose() && report.cause() != null) {
            report.cause().printStackTrace(output.err());
        }
    }
}
