package io.alldocs.cli.worker;

import static io.alldocs.cli.UsageException.refuse;

import io.alldocs.cli.Amount;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.OutputOptions;
import io.alldocs.cli.ReportOption;
import io.alldocs.cli.UsageException;
import io.alldocs.cli.Version;
import io.alldocs.cli.bootstrap.SourceOptions;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a {@link Fleet} on this machine, with a running Redis or one that it starts. */
@Command(
        name = "fleet",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Fetches every name and every packument with several worker processes that share a queue on Redis and a"
                    + " cache.",
            "Restarts workers that crash; no work is lost. If it is interrupted, the same command resumes where it"
                    + " left off."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:complete: the checkpoint is at 100 %%",
            "1:partial: items were given up, or it was interrupted; the same command resumes",
            "2:the command line is invalid, or a file, folder or server that it names cannot be used",
            "3:the origin or the registry refused"
        })
public final class FleetCommand implements Callable<Integer> {
    private static final List<String> JVM = List.of("-Xmx256m", "-XX:+ExitOnOutOfMemoryError");

    private final Map<String, String> environment;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "3",
            description = "Worker processes. Default: ${DEFAULT-VALUE}")
    private int workers;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "10",
            description =
                    "Requests or items that are processed at the same time. Default: ${DEFAULT-VALUE} in each worker")
    private int concurrency;

    @Mixin
    private SourceOptions source = new SourceOptions();

    @Mixin
    private PlanOptions plan = new PlanOptions();

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Option(
            names = "--redis",
            paramLabel = "URL",
            description = "Redis to use. Default: REDIS_URL, else the one at 127.0.0.1:6379, else a server that the"
                    + " command starts")
    private @Nullable String redis;

    @Option(
            names = "--redis-server",
            paramLabel = "FILE",
            description =
                    "Start this redis-server, with an append-only file in the work folder. Default: that of the PATH")
    private @Nullable Path redisServer;

    @Option(
            names = "--work-dir",
            paramLabel = "DIR",
            description = "Folder for the files of workers and Redis. Default: fleet in the cache folder")
    private @Nullable Path workDir;

    @Mixin
    private ReportOption reportFile = new ReportOption();

    @Mixin
    private OutputOptions output = new OutputOptions();

    /** Creates a command that reads its environment variables from {@code environment}. */
    public FleetCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    @SuppressWarnings("try") // the lock is only held until the block ends
    public Integer call() throws IOException {
        checkOptions();
        Path folder = workDir == null ? cacheOptions.folder(environment).resolve("fleet") : workDir;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UsageException("Cannot create the folder " + folder + ": " + e.getMessage(), e);
        }
        try (FolderLock alone = UsageException.unlessUsable(() -> FolderLock.take(folder, "fleet"))) {
            return runFrom(folder);
        } catch (InterruptedException e) {
            return ExitCode.PARTIAL; // interrupted before any work began
        } catch (FleetException e) {
            output.err().println("Error: " + e.getMessage());
            return e.exitCode();
        }
    }

    private void checkOptions() {
        plan.check();
        source.check();
        reportFile.check();
        refuse(workers < 1, "--workers must be at least 1: " + workers);
        refuse(concurrency < 1, "--concurrency must be at least 1: " + concurrency);
        refuse(redis != null && redisServer != null, "--redis and --redis-server cannot be used together");
    }

    private int runFrom(Path folder) throws IOException, InterruptedException {
        Optional<EmbeddedRegistry> embedded = source.start();
        try {
            return run(folder);
        } finally {
            embedded.ifPresent(EmbeddedRegistry::close);
        }
    }

    private int run(Path folder) throws IOException, InterruptedException {
        Map<String, String> variables = variables();
        Optional<String> given = Optional.ofNullable(redis)
                .or(() -> redisServer == null ? Optional.ofNullable(environment.get("REDIS_URL")) : Optional.empty())
                .or(() -> redisServer == null ? RedisProcess.usual() : Optional.empty());
        if (given.isPresent()) {
            return run(folder, variables, given.get(), "that runs already");
        }
        try (RedisProcess own = RedisProcess.start(executable(), folder.resolve("redis"))) {
            return run(folder, variables, own.url(), "that the command started");
        }
    }

    private String executable() {
        return Optional.ofNullable(redisServer)
                .map(Path::toString)
                .or(() -> RedisProcess.executableOf(environment.getOrDefault("PATH", "")))
                .orElseThrow(() -> new UsageException(
                        "No Redis responds at 127.0.0.1:6379, and there is no redis-server on the PATH. Install"
                                + " Redis 6.2 or later, or pass --redis URL or --redis-server FILE."));
    }

    private Map<String, String> variables() {
        Map<String, String> values = cacheOptions.environment(environment);
        refuse(
                "memory".equals(values.get("STORAGE_DRIVER")),
                "A cache in memory cannot be shared by processes; choose another --driver");
        source.origin().ifPresent(address -> values.put("NPM_ORIGIN", address.toString()));
        source.registry().ifPresent(address -> values.put("NPM_REGISTRY", address.toString()));
        values.put("RUNTIME", "jvm");
        values.put("QUEUE_DRIVER", "redis");
        values.put("WORKER_CONCURRENCY", Integer.toString(concurrency));
        values.putIfAbsent("QUEUE_NAME", queueName(values));
        if (source.isEmbedded()) {
            values.putIfAbsent("QUEUE_INTERVAL_CAP", "0"); // an embedded registry has no other users
        }
        return values;
    }

    /**
     * Returns the name of the queue, which depends on the cache. Fleets with different caches have different queues,
     * even on a shared Redis.
     */
    private static String queueName(Map<String, String> values) {
        String cache =
                Path.of(values.getOrDefault("CACHE_DIR", "")).toAbsolutePath().normalize() + "|"
                        + values.getOrDefault("CACHE_BUCKET", "");
        CRC32 crc = new CRC32();
        crc.update(cache.getBytes(StandardCharsets.UTF_8));
        return "all-docs-fleet-" + Long.toHexString(crc.getValue());
    }

    private int run(Path folder, Map<String, String> variables, String url, String which) throws IOException {
        variables.put("REDIS_URL", url);
        output.say("Starts " + Amount.counted(workers, "worker") + " with the queue " + variables.get("QUEUE_NAME")
                + " on a Redis "
                + which + ", and the cache " + cacheOptions.folder(environment) + " ("
                + variables.get("STORAGE_DRIVER") + "). Their logs are in " + folder + ".");
        Fleet fleet = new Fleet(workers, variables, JVM, plan, folder, output::say);
        FleetReport report = fleet.run();
        reportFile.write(report::toJson);
        if (output.json()) {
            output.out().println(report.toJson());
        } else if (!output.quiet()) {
            output.out().println(report.toText());
        }
        output.out().flush();
        return report.exitCode();
    }
}
