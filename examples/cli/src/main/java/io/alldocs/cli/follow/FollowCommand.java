package io.alldocs.cli.follow;

import static io.alldocs.cli.UsageException.refuse;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.JobProgress;
import io.alldocs.cli.OutputOptions;
import io.alldocs.cli.Progress;
import io.alldocs.cli.ReportOption;
import io.alldocs.cli.Version;
import io.alldocs.cli.bootstrap.JobClients;
import io.alldocs.cli.bootstrap.JobOptions;
import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.FollowOptions;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncStatus;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Builds a {@link RegistrySync} from options and follows the feed of changes with it. */
@Command(
        name = "follow",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        description = {
            "Keeps a cache current from the feed of changes until it is interrupted. Finishes the bootstrap of the"
                    + " job first.",
            "Without options that name a job it follows the only job of the cache. It waits while an origin does not"
                    + " respond. If it is stopped, the same command resumes where it left off."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:interrupted while it followed, or the requested end was reached",
            "1:interrupted before the bootstrap had finished, or names are still pending; the same command resumes",
            "2:the command line is invalid, or a file or folder that it names cannot be used, or another process"
                    + " runs this job",
            "3:the origin or the registry refused the request, or is not a registry"
        })
public final class FollowCommand implements Callable<Integer> {
    /**
     * Changes per page. The number is small enough for a checkpoint every few seconds. It is large enough to catch up
     * with a month in 700 pages.
     */
    private static final int PAGE = 1_000;

    private final Map<String, String> environment;

    @Mixin
    private JobOptions options = new JobOptions();

    @Option(
            names = "--deleted",
            paramLabel = "POLICY",
            description = "Policy for deleted names. keep: changes nothing. mark: stores the registry's response as the"
                    + " outcome, and keeps the last good packument. delete: deletes what is stored when the"
                    + " registry confirms. Default: the job's stored policy, else mark")
    private @Nullable DeletionPolicy deleted;

    @Option(
            names = "--interval",
            paramLabel = "S",
            defaultValue = "5",
            description = "Seconds between two requests while there are changes. Default: ${DEFAULT-VALUE}")
    private double interval;

    @Option(
            names = "--max-interval",
            paramLabel = "S",
            defaultValue = "60",
            description = "Longest interval in seconds. While there are no changes, the interval doubles up to it."
                    + " Default: ${DEFAULT-VALUE}")
    private double maxInterval;

    @Option(
            names = "--walk-every",
            paramLabel = "H",
            defaultValue = "24",
            description = "Hours after which the names of changed partitions are listed again, 0 for never. Default:"
                    + " ${DEFAULT-VALUE}")
    private double walkEvery;

    @Option(names = "--once", description = "Exit when the end of the feed was reached once, or at the first failure.")
    private boolean once;

    @Option(
            names = "--until-idle",
            description = "Exit when the end of the feed was reached and the registry has caught up with it.")
    private boolean untilIdle;

    @Option(
            names = "--metrics-port",
            paramLabel = "P",
            description = "Serve GET /metrics (Prometheus) and GET /health (JSON) on port P, 0 for a free port.")
    private @Nullable Integer metricsPort;

    @Option(
            names = "--metrics-host",
            paramLabel = "H",
            description =
                    "Address for --metrics-port to listen on, 0.0.0.0 for all networks. Everyone who reaches it may read"
                            + " the status. Default: 127.0.0.1")
    private @Nullable String metricsHost;

    @Mixin
    private ReportOption reportFile = new ReportOption();

    @Mixin
    private OutputOptions output = new OutputOptions();

    /** Creates a command that reads its environment variables from {@code environment}. */
    public FollowCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        checkOptions();
        try (Progress shown = output.progress();
                JobClients clients = JobClients.open(
                        options,
                        environment,
                        JobClients.Which.STORED_OR_DESCRIBED,
                        "follow",
                        Optional.ofNullable(deleted),
                        sync -> sync.changesPage(PAGE).listener(JobProgress.on(shown)))) {
            shown.explainWith(clients::pause);
            refuse(
                    clients.job().origin().isEmpty(),
                    "A job without an origin has no feed to follow; pass the origin of the names with --origin");
            return clients.alone("follow", () -> follow(clients, shown));
        }
    }

    private void checkOptions() {
        options.check();
        reportFile.check();
        refuse(once && untilIdle, "--once and --until-idle cannot be used together");
        refuse(!(interval > 0 && interval <= maxInterval), "--interval must be above 0 and at most --max-interval");
        refuse(metricsHost != null && metricsPort == null, "--metrics-host needs --metrics-port");
        refuse(!(walkEvery >= 0), "--walk-every must be at least 0: " + walkEvery);
    }

    private int follow(JobClients clients, Progress shown) {
        if (metricsPort == null) {
            return follow(clients.sync());
        }
        try (StatusServer server = StatusServer.start(
                metricsHost == null ? StatusServer.LOOPBACK : metricsHost,
                metricsPort,
                clients.sync()::status,
                clients.sync().cache().clock())) {
            shown.say("Serves its status at " + server.address() + "/metrics and /health.");
            return follow(clients.sync());
        }
    }

    private int follow(RegistrySync sync) {
        FollowOptions.Until until = once
                ? FollowOptions.Until.ONCE
                : untilIdle ? FollowOptions.Until.IDLE : FollowOptions.Until.INTERRUPTED;
        boolean isCurrent = sync.follow(
                new FollowOptions(until, seconds(interval), seconds(maxInterval), seconds(walkEvery * 3_600)));
        PrintWriter out = output.out();
        reportFile.write(() -> sync.status().toJson().as(JsonNode.class));
        if (output.json()) {
            out.println(sync.status().toJson());
        } else if (!output.quiet()) {
            out.println(text(sync.status()));
        }
        out.flush();
        return isCurrent ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1_000));
    }

    /** Returns the status as one line of text. */
    private static String text(SyncStatus status) {
        return String.format(
                Locale.ROOT,
                "%s at sequence %s%s: %,d changes read, %,d of this job's names; %,d packuments received, %,d"
                        + " unchanged, %,d deleted; %,d names to retry%s.",
                status.state() == SyncStatus.State.STOPPED ? "Stopped" : "Now",
                status.position() == null ? "(none)" : status.position(),
                status.lagSequences().isPresent() && status.lagSequences().getAsLong() == 0
                        ? ", which is the origin's"
                        : "",
                status.counts().changes(),
                status.counts().concerning(),
                status.counts().fetched(),
                status.counts().unchanged(),
                status.counts().deleted(),
                status.retries(),
                status.counts().givenUp() == 0
                        ? ""
                        : String.format(
                                Locale.ROOT, ", %,d given up", status.counts().givenUp()));
    }
}
