package io.alldocs.cli.bootstrap;

import io.alldocs.cache.Cache;
import io.alldocs.cache.Env;
import io.alldocs.cli.UsageException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.JdkTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.NameFilter;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentForm;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.sync.Bootstrap;
import io.alldocs.sync.CountingTransport;
import io.alldocs.sync.JobLock;
import io.alldocs.sync.SyncClients;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/** A job with its cache and the clients that work on it, as a command line asks for them. Safe for concurrent use; closes what it opened. */
public final class JobClients implements AutoCloseable {
    private static final int WALKS_AT_A_TIME = 4;

    private final SyncJob job;
    private final NameFilter filter;
    private final Path folder;
    private final Cache cache;
    private final Cache checkpoints;
    private final CountingTransport wire;
    private final BaseHttpClient http;
    private final PartitionClient partitions;
    private final ChangesClient changes;
    private final PackumentClient packuments;

    private JobClients(
            JobOptions options, SyncJob job, NpmConfig npmrc, Map<String, String> environment, int changesPage) {
        this.job = job;
        this.filter = options.filter();
        this.folder = options.cache().folder(environment);
        this.cache = options.cache().open(environment);
        this.checkpoints = options.cache().openCheckpoints(environment, cache).orElse(cache);
        this.wire =
                new CountingTransport(JdkTransport.builder().npmConfig(npmrc).build());
        this.http = BaseHttpClient.builder()
                .transport(wire)
                .npmConfig(npmrc)
                .limiters(HostLimiters.create())
                .build();
        URI database = job.origin().orElse(JobOptions.NPM_ORIGIN);
        this.partitions = PartitionClient.builder()
                .cache(checkpoints)
                .http(http)
                .origin(database)
                .concurrency(Math.min(options.concurrency(), WALKS_AT_A_TIME))
                .build();
        this.changes = ChangesClient.builder()
                .http(http)
                .origin(database)
                .pageLimit(changesPage)
                .build();
        this.packuments = packuments(options);
    }

    /** As {@link #open(JobOptions, Map, int)} with the largest pages. */
    public static JobClients open(JobOptions options, Map<String, String> environment) {
        return open(options, environment, 10_000);
    }

    /**
     * Opens everything; nothing is asked.
     *
     * @param changesPage changes asked for at a time, 1 to 10,000
     * @throws UsageException when the cache, the file of names or the npm configuration cannot be used
     */
    public static JobClients open(JobOptions options, Map<String, String> environment, int changesPage) {
        NpmConfig npmrc = JobOptions.npmrc(environment);
        return new JobClients(options, options.job(npmrc), npmrc, environment, changesPage);
    }

    private PackumentClient packuments(JobOptions options) {
        PackumentClient.Builder builder = PackumentClient.builder()
                .env(Env.of(Map.of()))
                .cache(cache)
                .http(http)
                .registry(job.registry())
                .form(job.form() == SyncForm.ABBREVIATED ? PackumentForm.ABBREVIATED : PackumentForm.FULL)
                .concurrency(options.concurrency());
        options.rate().ifPresent(builder::rate);
        return builder.build();
    }

    /** What is worked on. */
    public SyncJob job() {
        return job;
    }

    /** Of which names packuments are wanted. */
    public NameFilter filter() {
        return filter;
    }

    /** Where it is stored. */
    public Cache cache() {
        return cache;
    }

    /** Where the job's own memory is: the same cache, unless its store may answer with old values after a write. */
    public Cache checkpoints() {
        return checkpoints;
    }

    /** Brings the names. */
    public PartitionClient partitions() {
        return partitions;
    }

    /** Brings the changes. */
    public ChangesClient changes() {
        return changes;
    }

    /** Brings the packuments, in the job's form. */
    public PackumentClient packuments() {
        return packuments;
    }

    /** Counts what all of them send and receive. */
    public CountingTransport wire() {
        return wire;
    }

    /** All of them. */
    public SyncClients sync() {
        return new SyncClients(job, filter, cache, checkpoints, partitions, changes, packuments, wire);
    }

    /** A builder of the job's {@link Bootstrap}, wired with everything here. */
    public Bootstrap.Builder bootstrap() {
        return Bootstrap.builder()
                .job(job)
                .cache(cache)
                .checkpoints(checkpoints)
                .partitions(partitions)
                .changes(changes)
                .packuments(packuments)
                .filter(filter)
                .wire(wire);
    }

    /**
     * Runs {@code run} while no other process works on the job. Stores without a folder have nothing to lock: there a second run of a job loses nothing,
     * but works twice.
     *
     * @throws io.alldocs.sync.JobInUseException when another run of the job holds the lock
     */
    public <T> T alone(Supplier<T> run) {
        if (!Files.isDirectory(folder)) {
            return run.get();
        }
        JobLock lock = UsageException.unlessUsable(() -> JobLock.take(folder, job.id()));
        try {
            return run.get();
        } finally {
            lock.close();
        }
    }

    @Override
    public void close() {
        packuments.close();
        changes.close();
        partitions.close();
        http.close();
        wire.close();
        if (checkpoints != cache) {
            checkpoints.close();
        }
        cache.close();
    }
}
