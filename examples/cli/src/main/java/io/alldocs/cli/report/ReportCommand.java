package io.alldocs.cli.report;

import static io.alldocs.cli.UsageException.refuse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cli.EmbeddedOptions;
import io.alldocs.cli.Errors;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.JobProgress;
import io.alldocs.cli.OutputOptions;
import io.alldocs.cli.Progress;
import io.alldocs.cli.ReportFile;
import io.alldocs.cli.ReportOption;
import io.alldocs.cli.UsageException;
import io.alldocs.cli.Version;
import io.alldocs.cli.bootstrap.JobClients;
import io.alldocs.cli.bootstrap.JobOptions;
import io.alldocs.cli.bootstrap.StoredJob;
import io.alldocs.http.HostLimiters;
import io.alldocs.partition.Partition;
import io.alldocs.sync.JobState;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncReport;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Creates a {@link SyncReport} of the job that the options describe, prints it, writes it to files and, if requested,
 * repairs the cache.
 */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        description = {
            "Compares the cache of a job with its origin: partitions, outcomes, missing packuments, differences, and"
                    + " changes that are not fetched yet. Prints text or JSON, or writes a page for a browser.",
            "Without options that name a job it reports the only job of the cache. It only reads, so it can run"
                    + " during a bootstrap. With --repair it fetches missing packuments, and lists again the"
                    + " partitions that differ."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:complete: every listed name has an outcome, and no partition differs without a reason",
            "1:partial: something is missing or differs, or the command was interrupted",
            "2:the command line is invalid, or a file or folder that it names cannot be used, or the job was never"
                    + " started",
            "3:the origin refused the request, is not a registry, or is unreachable; the report shows what is cached"
        })
public final class ReportCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Mixin
    private JobOptions options = new JobOptions();

    @Option(names = "--offline", description = "Send no requests; report what is cached.")
    private boolean offline;

    @Option(names = "--repair", description = "Repair what is damaged or missing, then report again.")
    private boolean repair;

    @Option(
            names = "--html",
            paramLabel = "FILE.html",
            description = "Write the report as an HTML page in a single file.")
    private @Nullable Path html;

    @Mixin
    private ReportOption reportFile = new ReportOption();

    @Option(names = "--jobs", description = "List the jobs of the cache, each with its command, and exit.")
    private boolean jobs;

    @Mixin
    private OutputOptions output = new OutputOptions();

    /** Creates a command that reads its environment variables from {@code environment}. */
    public ReportCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        options.check();
        refuse(offline && repair, "--offline and --repair cannot be used together: --repair sends requests");
        ReportFile.check("--html", html);
        reportFile.check();
        if (jobs) {
            return listJobs();
        }
        try (Progress progress = output.progress();
                JobClients clients = JobClients.open(
                        options,
                        environment,
                        JobClients.Which.STORED,
                        "report",
                        sync -> sync.listener(JobProgress.on(progress)))) {
            RegistrySync sync = clients.sync();
            UsageException.unlessUsable(sync::state);
            SyncReport report = offline ? sync.reportStored() : sync.report();
            if (repair && isToRepair(report)) {
                SyncReport found = report;
                report = clients.alone("report --repair", () -> sync.repair(found));
            }
            publish(report, clients.folder().toString());
            explainAbsence(report, clients.job());
            return Errors.exitCode(report);
        }
    }

    /**
     * Explains the exit code if the origin is unreachable. If the origin is on this machine, prints the command to
     * type. Usually, such an origin was an embedded registry that stopped at the end of its bootstrap.
     */
    private void explainAbsence(SyncReport report, SyncJob job) {
        if (!report.isOriginAway()) {
            return;
        }
        output.say("Exit code 3: the origin did not respond. --offline reports only what is cached, with exit code "
                + (report.status() == SyncReport.Status.COMPLETE ? ExitCode.COMPLETE : ExitCode.PARTIAL) + ".");
        job.origin().filter(HostLimiters::isLoopback).ifPresent(origin -> {
            output.say("If " + origin + " was the registry of bootstrap --embedded, start it again with the report:");
            output.say("  " + embeddedCommand(report, job, origin));
        });
    }

    /**
     * Returns the command with the registry of the bootstrap. If the cache does not contain the number of names, the
     * command has N in its place.
     */
    private String embeddedCommand(SyncReport report, SyncJob job, URI origin) {
        boolean isWhole = job.names().isEmpty() && job.range().equals(Partition.all());
        List<String> words = new ArrayList<>(List.of("all-docs", "report"));
        words.addAll(options.cache().arguments());
        words.addAll(EmbeddedOptions.arguments(isWhole ? Long.toString(report.names()) : "N", origin.getPort()));
        return StoredJob.line(words) + (isWhole ? "" : "   (N is the number that was passed to bootstrap --embedded)");
    }

    private static boolean isToRepair(SyncReport report) {
        return Errors.exitCode(report) == ExitCode.PARTIAL && report.status() != SyncReport.Status.INTERRUPTED;
    }

    private int listJobs() {
        List<StoredJob> known = knownJobs();
        if (output.json()) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            known.forEach(job -> list.add(job.state()
                    .toJson()
                    .as(ObjectNode.class)
                    .put("command", job.commandLine("report", options.cache()).orElse(null))));
            output.out().println(list.toPrettyString());
        } else {
            for (StoredJob job : known) {
                output.out().println(line(job));
                job.commandLine("report", options.cache())
                        .ifPresent(line -> output.out().println("    " + line));
            }
            if (known.isEmpty()) {
                output.out().println("The cache contains no job. Run all-docs bootstrap first.");
            }
        }
        output.out().flush();
        return ExitCode.COMPLETE;
    }

    private List<StoredJob> knownJobs() {
        try (Cache cache = options.cache().openExisting(environment)) {
            Optional<Cache> checkpoints = options.cache().openExistingCheckpoints(environment, cache);
            try {
                return StoredJob.all(checkpoints.orElse(cache));
            } finally {
                checkpoints.ifPresent(Cache::close);
            }
        }
    }

    private static String line(StoredJob job) {
        JobState state = job.state();
        String finished = state.finished() == null ? "not finished" : "finished " + Words.time(state.finished());
        return job.words() + ": " + finished
                + (state.followed() == null ? "" : ", followed until " + Words.time(state.followed()));
    }

    private static JsonNode json(SyncReport report, String folder) {
        ObjectNode json = Errors.json(report.toJson().as(JsonNode.class), Errors.exitCode(report));
        json.withObject("/job").put("cache", folder);
        return json;
    }

    private void publish(SyncReport report, String folder) {
        if (html != null) {
            ReportFile.write(html, ReportPage.of(report, folder));
        }
        reportFile.write(() -> json(report, folder));
        if (output.json()) {
            output.out().println(json(report, folder).toPrettyString());
        } else if (!output.quiet()) {
            SyncReportText.of(report, folder).forEach(output.out()::println);
        } else if (Errors.exitCode(report) != ExitCode.COMPLETE) {
            output.err().println("Error: " + SyncReportText.of(report, folder).get(0));
        }
        output.out().flush();
        SyncReport.OriginView origin = report.origin();
        if (output.verbose() && origin != null && origin.failure() != null) {
            origin.failure().printStackTrace(output.err());
        }
    }
}
