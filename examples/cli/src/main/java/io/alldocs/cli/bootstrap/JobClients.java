package io.alldocs.cli.bootstrap;

import io.alldocs.cache.Cache;
import io.alldocs.cache.Env;
import io.alldocs.cli.Environment;
import io.alldocs.cli.UsageException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.JobOwner;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncJob;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A job with its cache, as a command line asks for them. Safe for concurrent use; closes what it opened. */
public final class JobClients implements AutoCloseable {
    private final Path folder;
    private final Cache cache;
    private final Optional<Cache> checkpoints;
    private final RegistrySync sync;
    private final HostLimiters limiters = HostLimiters.create();

    private JobClients(
            JobOptions options,
            SyncJob job,
            NpmConfig npmrc,
            Map<String, String> environment,
            UnaryOperator<RegistrySync.Builder> settings) {
        this.folder = options.cache().folder(environment);
        this.cache = options.cache().open(environment);
        this.checkpoints = options.cache().openCheckpoints(environment, cache);
        RegistrySync.Builder builder = RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(job)
                .cache(cache)
                .checkpoints(checkpoints.orElse(cache))
                .npmConfig(npmrc)
                .http(BaseHttpClient.builder().limiters(limiters))
                .concurrency(options.concurrency());
        options.rate().ifPresent(builder::rate);
        this.sync = settings.apply(builder).build();
    }

    /**
     * Opens everything; nothing is asked.
     *
     * @param settings what the command adds
     * @throws UsageException when the cache, the file of names or the npm configuration cannot be used
     */
    public static JobClients open(
            JobOptions options, Map<String, String> environment, UnaryOperator<RegistrySync.Builder> settings) {
        return open(options, environment, DeletionPolicy.MARK, settings);
    }

    /** As {@link #open(JobOptions, Map, UnaryOperator)}, with a policy for names that the origin deleted. */
    public static JobClients open(
            JobOptions options,
            Map<String, String> environment,
            DeletionPolicy deletions,
            UnaryOperator<RegistrySync.Builder> settings) {
        NpmConfig npmrc = Environment.npmConfig(environment);
        return new JobClients(options, options.job(npmrc, deletions), npmrc, environment, settings);
    }

    /** What is worked on. */
    public SyncJob job() {
        return sync.job();
    }

    /** The job at work. */
    public RegistrySync sync() {
        return sync;
    }

    /** Why requests wait, in words: a pause that the registry or the origin asked for. Empty when none does. */
    public String pause() {
        return Stream.concat(Stream.of(job().registry()), job().origin().stream())
                .distinct()
                .map(host -> pause(host, limiters.of(host).pauseLeft()))
                .filter(words -> !words.isEmpty())
                .findFirst()
                .orElse("");
    }

    private static String pause(URI host, Duration left) {
        return left.isZero()
                ? ""
                : "paused for " + (left.toSeconds() + 1) + " s: " + host.getHost() + " throttles (HTTP 429)";
    }

    /** The cache's folder; it need not exist, and means little to stores without one. */
    public Path folder() {
        return folder;
    }

    /**
     * Runs {@code run} while no other process works on the job.
     *
     * @throws io.alldocs.sync.JobInUseException when another run of the job is at work
     * @throws UsageException when the store cannot be used
     */
    public <T> T alone(String command, Supplier<T> run) {
        UsageException.unlessUsable(sync::state);
        JobOwner owner = UsageException.unlessUsable(() -> sync.claim("all-docs " + command));
        try {
            return run.get();
        } finally {
            owner.close();
        }
    }

    @Override
    public void close() {
        sync.close();
        checkpoints.ifPresent(Cache::close);
        cache.close();
    }
}
