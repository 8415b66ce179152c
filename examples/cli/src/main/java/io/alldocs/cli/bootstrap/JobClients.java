package io.alldocs.cli.bootstrap;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.Environment;
import io.alldocs.cli.UsageException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.JobOwner;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.RegistrySyncBuilder;
import io.alldocs.sync.SyncJob;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The job and the cache that a command line describes. Safe for concurrent use. Closing it closes everything it opened.
 */
public final class JobClients implements AutoCloseable {
    /** Selects which job the options refer to. */
    public enum Which {
        /** The job that the options describe. A missing cache is created. */
        DESCRIBED,
        /** A job that is stored in the cache. The options must match exactly one stored job. Nothing is created. */
        STORED,
        /**
         * The only stored job if the options name no job; otherwise the job that the options describe. A missing cache
         * is created.
         */
        STORED_OR_DESCRIBED
    }

    private final Path folder;
    private final Deque<Runnable> opened = new ArrayDeque<>();
    private final RegistrySync sync;
    private final HostLimiters limiters = HostLimiters.create();

    private JobClients(
            JobOptions options,
            Map<String, String> environment,
            Which which,
            String command,
            Optional<DeletionPolicy> deletions,
            UnaryOperator<RegistrySyncBuilder> settings) {
        this.folder = options.cache().folder(environment);
        NpmConfig npmrc = Environment.npmConfig(environment);
        try {
            options.source().start().ifPresent(server -> opened.push(server::close));
            // Runs before the cache is created, so that wrong options leave no files behind.
            Optional<SyncJob> described = which == Which.DESCRIBED || options.nameAJob()
                    ? Optional.of(options.job(environment, npmrc, deletions.orElse(DeletionPolicy.MARK)))
                    : Optional.empty();
            CacheOptions place = options.cache();
            boolean isStored = which == Which.STORED;
            Cache cache = isStored ? place.openExisting(environment) : place.open(environment);
            opened.push(cache::close);
            Optional<Cache> apart = isStored
                    ? place.openExistingCheckpoints(environment, cache)
                    : place.openCheckpoints(environment, cache);
            apart.ifPresent(other -> opened.push(other::close));
            SyncJob job = which == Which.DESCRIBED
                    ? described.orElseThrow()
                    : new StoredJobs(apart.orElse(cache), command, options, deletions)
                            .choose(described, isStored)
                            .orElseGet(() -> options.job(environment, npmrc, deletions.orElse(DeletionPolicy.MARK)));
            RegistrySyncBuilder builder = RegistrySync.builder()
                    .env(Env.of(Map.of()))
                    .job(job)
                    .cache(cache)
                    .checkpoints(apart.orElse(cache))
                    .npmConfig(npmrc)
                    .http(BaseHttpClient.builder().limiters(limiters))
                    .concurrency(options.concurrency());
            options.rate().ifPresent(builder::rate);
            this.sync = settings.apply(builder).build();
            opened.push(sync::close);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Opens the job, its cache and its clients, and starts the embedded registry if the options request one. Sends no
     * request.
     *
     * @param which which job the options refer to
     * @param command name of the command, for messages that list other jobs
     * @param settings adds the command's own settings
     * @throws UsageException if the cache, the job, the file of names or the npm configuration cannot be used
     */
    public static JobClients open(
            JobOptions options,
            Map<String, String> environment,
            Which which,
            String command,
            UnaryOperator<RegistrySyncBuilder> settings) {
        return new JobClients(options, environment, which, command, Optional.empty(), settings);
    }

    /**
     * Opens a job like the other overload, with a policy for names that the origin deleted. If the policy is empty, the
     * stored job's policy applies, or {@link DeletionPolicy#MARK} if no job is stored.
     */
    public static JobClients open(
            JobOptions options,
            Map<String, String> environment,
            Which which,
            String command,
            Optional<DeletionPolicy> deletions,
            UnaryOperator<RegistrySyncBuilder> settings) {
        return new JobClients(options, environment, which, command, deletions, settings);
    }

    /** Returns the description of the job. */
    public SyncJob job() {
        return sync.job();
    }

    /** Returns the client that runs the job. */
    public RegistrySync sync() {
        return sync;
    }

    /**
     * Returns the reason why requests wait, in words. The reason is a pause that the registry or the origin requested.
     * Empty if no request waits.
     */
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

    /** Returns the cache's folder. It need not exist. Stores outside the file system do not use it for entries. */
    public Path folder() {
        return folder;
    }

    /**
     * Runs {@code run} while holding the job, so that no other process works on it.
     *
     * @throws io.alldocs.sync.JobInUseException if another run of the job is active
     * @throws UsageException if the store cannot be used
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
        while (!opened.isEmpty()) {
            opened.pop().run();
        }
    }
}
