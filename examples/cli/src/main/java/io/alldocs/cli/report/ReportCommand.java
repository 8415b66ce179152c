package io.alldocs.cli.report;

import static io.alldocs.cli.UsageException.refuse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cli.ConsoleProgress;
import io.alldocs.cli.Errors;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.JobProgress;
import io.alldocs.cli.Progress;
import io.alldocs.cli.ReportFile;
import io.alldocs.cli.UsageException;
import io.alldocs.cli.Version;
import io.alldocs.cli.bootstrap.JobClients;
import io.alldocs.cli.bootstrap.JobOptions;
import io.alldocs.sync.JobState;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a {@link SyncReport} of the job that the options describe, prints it and writes it, and repairs what it finds. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        description = {
            "Tells what a cache holds of a job, beside what its origin has: partitions, outcomes, what is missing, what drifted, how"
                    + " far the feed is ahead. As text, as JSON, and as a page for a browser.",
            "Reads only, so that it may run beside a bootstrap; unless it is to repair."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:complete: every listed name has an outcome, and no partition differs without a reason",
            "1:partial: something is missing or drifted, or the counting was interrupted",
            "2:the command line, or a file or folder it names, cannot be used, or the job never ran",
            "3:the origin refused, is none, or cannot be reached; the report tells what the cache holds"
        })
public final class ReportCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private JobOptions options = new JobOptions();

    @Option(names = "--offline", description = "Ask nobody; tell what the cache holds.")
    private boolean offline;

    @Option(names = "--repair", description = "Ask for what is missing, list what drifted anew, and report again.")
    private boolean repair;

    @Option(
            names = "--html",
            paramLabel = "FILE.html",
            description = "Write the report as a page that needs no other file.")
    private @Nullable Path html;

    @Option(names = "--json-file", paramLabel = "FILE.json", description = "Write the report as JSON.")
    private @Nullable Path jsonFile;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @Option(names = "--jobs", description = "List the jobs that the cache knows of, and end.")
    private boolean jobs;

    @Option(names = "--quiet", description = "Print nothing but errors.")
    private boolean quiet;

    @Option(names = "--verbose", description = "Print the stack trace of what went wrong.")
    private boolean verbose;

    /** A command that reads its environment variables from {@code environment}. */
    public ReportCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        options.check();
        refuse(offline && repair, "--offline asks nobody and --repair asks for what is missing");
        ReportFile.check("--html", html);
        ReportFile.check("--json-file", jsonFile);
        if (jobs) {
            return listJobs();
        }
        try (Progress progress = quiet
                        ? Progress.NONE
                        : ConsoleProgress.on(spec.commandLine().getErr());
                JobClients clients =
                        JobClients.open(options, environment, sync -> sync.listener(JobProgress.on(progress)))) {
            RegistrySync sync = clients.sync();
            UsageException.unlessUsable(sync::state);
            SyncReport report = offline ? sync.reportStored() : sync.report();
            if (repair && isToRepair(report)) {
                SyncReport found = report;
                report = clients.alone("report --repair", () -> sync.repair(found));
            }
            publish(report, clients.folder().toString());
            return Errors.exitCode(report);
        }
    }

    private static boolean isToRepair(SyncReport report) {
        return Errors.exitCode(report) == ExitCode.PARTIAL && report.status() != SyncReport.Status.INTERRUPTED;
    }

    private int listJobs() {
        List<JobState> known = knownJobs();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            known.forEach(state -> list.add(state.toJson()));
            out.println(list.toPrettyString());
        } else {
            known.forEach(state -> out.println(line(state)));
            if (known.isEmpty()) {
                out.println("The cache knows of no job.");
            }
        }
        out.flush();
        return ExitCode.COMPLETE;
    }

    private List<JobState> knownJobs() {
        try (Cache cache = options.cache().open(environment)) {
            Optional<Cache> checkpoints = options.cache().openCheckpoints(environment, cache);
            try {
                return JobState.all(checkpoints.orElse(cache));
            } finally {
                checkpoints.ifPresent(Cache::close);
            }
        }
    }

    private static String line(JobState state) {
        String what = state.what().isEmpty() ? state.id() : state.what();
        String finished = state.finished() == null ? "not finished" : "finished " + Words.time(state.finished());
        return what + ": " + finished
                + (state.followed() == null ? "" : ", followed until " + Words.time(state.followed()));
    }

    private static JsonNode json(SyncReport report, String folder) {
        ObjectNode json = Errors.json(report.toJson(), Errors.exitCode(report));
        json.withObject("/job").put("cache", folder);
        return json;
    }

    private void publish(SyncReport report, String folder) {
        if (html != null) {
            ReportFile.write(html, ReportPage.of(report, folder));
        }
        if (jsonFile != null) {
            ReportFile.write(jsonFile, json(report, folder).toPrettyString() + "\n");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(report, folder).toPrettyString());
        } else if (!quiet) {
            SyncReportText.of(report, folder).forEach(out::println);
        } else if (Errors.exitCode(report) != ExitCode.COMPLETE) {
            spec.commandLine()
                    .getErr()
                    .println("Error: " + SyncReportText.of(report, folder).get(0));
        }
        out.flush();
        SyncReport.OriginView origin = report.origin();
        if (verbose && origin != null && origin.failure() != null) {
            origin.failure().printStackTrace(spec.commandLine().getErr());
        }
    }
}
