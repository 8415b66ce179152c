package io.alldocs.examples.programs.bootstrap;

import io.alldocs.cache.Cache;
import io.alldocs.cache.Env;
import io.alldocs.cache.StorageException;
import io.alldocs.examples.programs.Address;
import io.alldocs.examples.programs.ConsoleProgress;
import io.alldocs.examples.programs.ExitCode;
import io.alldocs.examples.programs.Progress;
import io.alldocs.examples.programs.UsageException;
import io.alldocs.examples.programs.Version;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.JdkTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentForm;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Wires a {@link Bootstrap} from options, runs it and prints its report. */
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
    private static final URI NPM_ORIGIN = URI.create("https://replicate.npmjs.com");
    private static final URI NPM_REGISTRY = URI.create("https://registry.npmjs.com");
    /** Not the driver's own ./cache: in a clone of this project that is a module. */
    private static final String DEFAULT_FOLDER = "./all-docs-cache";

    private static final int EMBEDDED_PORT = 7850;
    private static final int WALKS_AT_A_TIME = 4;

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--origin",
            paramLabel = "URL",
            converter = Address.class,
            description = "CouchDB database that lists the names. Default: https://replicate.npmjs.com")
    private @Nullable URI origin;

    @Option(
            names = "--registry",
            paramLabel = "URL",
            converter = Address.class,
            description = "Registry of the packuments. Default: that of .npmrc, else https://registry.npmjs.com")
    private @Nullable URI registry;

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

    @Option(
            names = "--cache-dir",
            paramLabel = "DIR",
            description = "Folder of the cache. Default: CACHE_DIR, else ./all-docs-cache")
    private @Nullable Path cacheDir;

    @Option(
            names = "--driver",
            paramLabel = "NAME",
            description =
                    "Storage driver: sqlite, filesystem, log or memory. Default: STORAGE_DRIVER, else the one whose cache is"
                            + " in the folder, else sqlite")
    private @Nullable String driver;

    @Option(names = "--start", paramLabel = "KEY", description = "First name of a range.")
    private @Nullable String start;

    @Option(names = "--end", paramLabel = "KEY", description = "Name before which the range ends.")
    private @Nullable String end;

    @Option(names = "--prefix", paramLabel = "P", description = "Only names that begin with P.")
    private @Nullable String prefix;

    @Option(
            names = "--names",
            paramLabel = "FILE",
            description =
                    "Only the names in FILE, one per line (- for standard input; blank lines and lines with # do not"
                            + " count). Without --origin only the registry is asked.")
    private @Nullable String names;

    @Option(names = "--names-only", description = "List the names; fetch no packuments.")
    private boolean namesOnly;

    @Option(names = "--abbreviated", description = "Fetch the abbreviated packuments that installers use.")
    private boolean abbreviated;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "" + PackumentClient.Builder.DEFAULT_CONCURRENCY,
            description = "Packuments asked for at the same time. Default: ${DEFAULT-VALUE}")
    private int concurrency;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Requests a second to the registry, 0 for no limit. Default: 50; no limit on this machine")
    private @Nullable Double rate;

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
            origin = server.origin();
            registry = server.origin();
            return runJob();
        }
    }

    private void checkOptions() {
        refuse(
                embedded != null && (origin != null || registry != null),
                "--embedded brings origin and registry of its own");
        refuse(
                names != null && (start != null || end != null || prefix != null),
                "--names and a range of keys exclude each other");
        refuse(names != null && namesOnly, "--names and --names-only together leave nothing to fetch");
        refuse(namesOnly && abbreviated, "--names-only and --abbreviated exclude each other");
        refuse(offline && force, "--offline asks nobody and --force asks for everything");
        refuse(concurrency < 1, "--concurrency is at least 1");
        refuse(rate != null && !(rate >= 0), "--rate is 0 or more");
        refuse(embedded != null && embedded < 0, "--embedded is a number of names, 0 or more");
        Path folder = reportFile == null ? null : reportFile.toAbsolutePath().getParent();
        refuse(folder != null && !Files.isDirectory(folder), "--report names a folder that does not exist: " + folder);
    }

    private static void refuse(boolean bad, String words) {
        if (bad) {
            throw new UsageException(words + ".");
        }
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
        NpmConfig npmrc = npmrc();
        Job job = job(npmrc);
        try (Cache cache = openCache();
                CountingTransport wire =
                        new CountingTransport(JdkTransport.builder().build());
                BaseHttpClient http = BaseHttpClient.builder()
                        .transport(wire)
                        .credentials(npmrc)
                        .limiters(HostLimiters.create())
                        .build();
                Progress progress = quiet
                        ? Progress.NONE
                        : ConsoleProgress.on(spec.commandLine().getErr())) {
            BootstrapReport report = run(job, cache, wire, http, progress);
            publish(report);
            return report.exitCode();
        }
    }

    private BootstrapReport run(Job job, Cache cache, CountingTransport wire, BaseHttpClient http, Progress progress) {
        URI database = job.origin().orElse(NPM_ORIGIN);
        try (PartitionClient partitions = PartitionClient.builder()
                        .cache(cache)
                        .http(http)
                        .origin(database)
                        .concurrency(Math.min(concurrency, WALKS_AT_A_TIME))
                        .build();
                ChangesClient changes =
                        ChangesClient.builder().http(http).origin(database).build();
                PackumentClient packuments = packuments(job, cache, http)) {
            if (offline) {
                return usable(() -> new Inventory(job, cache, partitions, progress))
                        .take();
            }
            return runAlone(job, () -> {
                Bootstrap bootstrap = usable(() -> Bootstrap.builder()
                        .job(job)
                        .cache(cache)
                        .partitions(partitions)
                        .changes(changes)
                        .packuments(packuments)
                        .progress(progress)
                        .wire(wire)
                        .force(force)
                        .build());
                progress.say(announcement(job, cache));
                return bootstrap.run();
            });
        }
    }

    /** Stores without a folder have nothing to lock: there a second run of a job loses nothing, but works twice. */
    private BootstrapReport runAlone(Job job, Supplier<BootstrapReport> run) {
        Path folder = Path.of(folder());
        if (!Files.isDirectory(folder)) {
            return run.get();
        }
        JobLock lock = usable(() -> JobLock.take(folder, job.id()));
        try {
            return run.get();
        } finally {
            lock.close();
        }
    }

    private PackumentClient packuments(Job job, Cache cache, BaseHttpClient http) {
        PackumentClient.Builder builder = PackumentClient.builder()
                .env(Env.of(Map.of()))
                .cache(cache)
                .http(http)
                .registry(job.registry())
                .form(job.form() == Form.ABBREVIATED ? PackumentForm.ABBREVIATED : PackumentForm.FULL)
                .concurrency(concurrency);
        return (rate == null ? builder : builder.rate(rate)).build();
    }

    private Job job(NpmConfig npmrc) {
        Optional<NamesFile> file = Optional.ofNullable(names).map(name -> NamesFile.open(name, System.in));
        boolean registryOnly = file.isPresent() && origin == null;
        URI database = origin == null ? NPM_ORIGIN : origin;
        URI packages = registry == null ? npmrc.registry().orElse(NPM_REGISTRY) : registry;
        Form form = namesOnly ? Form.NAMES : abbreviated ? Form.ABBREVIATED : Form.FULL;
        Partition range = KeyRange.of(start, end, prefix);
        return new Job(registryOnly ? Optional.empty() : Optional.of(database), packages, form, range, file);
    }

    /** As npm finds it: the project's file, else the user's. */
    private NpmConfig npmrc() {
        Path here = Path.of(".npmrc");
        String user = environment.getOrDefault(
                "NPM_CONFIG_USERCONFIG",
                Path.of(System.getProperty("user.home"), ".npmrc").toString());
        return usable(() -> NpmConfig.load(Files.exists(here) ? here : Path.of(user), environment::get));
    }

    private Cache openCache() {
        Map<String, String> values = new HashMap<>(environment);
        values.put("CACHE_DIR", folder());
        if (driver != null) {
            values.put("STORAGE_DRIVER", driver);
        }
        values.putIfAbsent("STORAGE_DRIVER", driverOf(Path.of(folder())));
        return usable(() -> Cache.builder().env(Env.of(values)).build());
    }

    /** What a folder holds is gone on with; a new one gets the driver that writes and lists fastest, and whose one file any SQL tool opens. */
    private static String driverOf(Path folder) {
        boolean holdsFiles = Files.isDirectory(folder.resolve("index-v5"));
        boolean holdsDatabase = Files.exists(folder.resolve("all-docs.sqlite"));
        return holdsFiles && !holdsDatabase ? "filesystem" : "sqlite";
    }

    private String folder() {
        return cacheDir != null ? cacheDir.toString() : environment.getOrDefault("CACHE_DIR", DEFAULT_FOLDER);
    }

    /** What cannot be opened or read at the very beginning is something the user named wrongly, not something that went wrong meanwhile. */
    private static <T> T usable(Supplier<T> open) {
        try {
            return open.get();
        } catch (StorageException | IllegalStateException | UncheckedIOException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    private String announcement(Job job, Cache cache) {
        String registryAddress = job.registry().toString();
        String sources = job.origin()
                .map(Object::toString)
                .filter(database -> !database.equals(registryAddress))
                .map(database -> database + " and packuments from " + registryAddress)
                .orElse(registryAddress);
        return "Fetching " + job.what() + " from " + sources + " into " + folder() + " ("
                + cache.driver().name() + ", " + limit(job.registry()) + ").";
    }

    private String limit(URI packages) {
        double polite = HostLimiters.isLoopback(packages) ? 0 : PackumentClient.Builder.DEFAULT_RATE;
        double perSecond = rate == null ? polite : rate;
        return perSecond == 0 ? "no rate limit" : "at most " + perSecond + " requests/s";
    }

    private void publish(BootstrapReport report) {
        if (reportFile != null) {
            write(report, reportFile);
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (!quiet) {
            report.toText().forEach(out::println);
            out.flush();
        } else if (report.exitCode() != ExitCode.COMPLETE) {
            err.println("Error: " + (report.reason() == null ? report.toText().get(0) : report.reason()));
        }
        if (verbose && report.cause() != null) {
            report.cause().printStackTrace(err);
        }
    }

    /** Readers see the old report or the whole new one. */
    private static void write(BootstrapReport report, Path file) {
        try {
            Path part = Files.createTempFile(file.toAbsolutePath().getParent(), ".report", ".part");
            Files.writeString(part, report.toJson().toPrettyString() + "\n");
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the report to " + file, e);
        }
    }
}
