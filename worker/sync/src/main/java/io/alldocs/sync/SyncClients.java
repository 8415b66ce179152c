package io.alldocs.sync;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheBuilder;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.TransportOptions;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentClientBuilder;
import io.alldocs.packument.PackumentForm;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionClientBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Holds the cache of a job and its clients, as configured by the builder. Closes those clients that it opened. */
final class SyncClients implements AutoCloseable {
    private static final int LISTINGS_AT_A_TIME = 4;

    final Cache cache;
    final Cache checkpoints;
    final CountingTransport wire;
    final PartitionClient partitions;
    final ChangesClient changes;
    final PackumentClient packuments;
    private final Duration lagWait;
    private final int failureLimit;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();

    SyncClients(SyncJob job, RegistrySyncBuilder builder, NpmConfig npm) {
        this.lagWait = builder.lagWait;
        this.failureLimit = builder.failureLimit;
        Env env = builder.env;
        Cache given = builder.cache;
        this.cache = given != null ? given : opened(cache(env, builder.executor));
        this.checkpoints = checkpoints(builder);
        HttpTransport transport = builder.transport;
        this.wire = new CountingTransport(
                transport != null ? transport : opened(HttpTransports.create(TransportOptions.of(npm))));
        BaseHttpClient http = opened(builder.http.npmConfig(npm).transport(wire).build());
        URI database = job.origin().orElse(SyncJob.NPM_ORIGIN);
        PartitionClientBuilder lister = PartitionClient.builder()
                .cache(checkpoints)
                .http(http)
                .origin(database)
                .concurrency(Math.min(builder.concurrency, LISTINGS_AT_A_TIME));
        this.changes = opened(ChangesClient.builder()
                .env(env)
                .http(http)
                .origin(database)
                .pageLimit(builder.changesPage)
                .build());
        PackumentClientBuilder client = PackumentClient.builder()
                .npmConfig(npm)
                .cache(cache)
                .http(http)
                .registry(job.registry())
                .form(job.form() == SyncForm.ABBREVIATED ? PackumentForm.ABBREVIATED : PackumentForm.FULL)
                .concurrency(builder.concurrency);
        if (builder.rate != null) {
            client.rate(builder.rate);
        }
        if (builder.executor != null) {
            lister.executor(builder.executor);
            client.executor(builder.executor);
        }
        this.partitions = opened(lister.build());
        this.packuments = opened(client.build());
    }

    private static Cache cache(Env env, @Nullable Executor executor) {
        CacheBuilder cache = Cache.builder().env(env);
        return (executor == null ? cache : cache.executor(executor)).build();
    }

    static NpmConfig npmConfig(RegistrySyncBuilder builder) {
        Env env = builder.env;
        return builder.npmConfig != null
                ? builder.npmConfig
                : NpmConfig.load(env.asMap(), env.readsUserFiles(), env.projectFolder());
    }

    private Cache checkpoints(RegistrySyncBuilder builder) {
        Cache given = builder.checkpoints;
        if (given != null) {
            return given;
        }
        return builder.cache != null
                ? cache
                : Cache.forCheckpoints(builder.env).map(this::opened).orElse(cache);
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.push(resource);
        return resource;
    }

    SyncContext context(SyncJob job, JobRecords records, SyncListener listener, Tally tally) {
        return new SyncContext(
                job,
                cache,
                checkpoints,
                partitions,
                changes,
                packuments,
                listener,
                records,
                tally,
                new OutageGuard(failureLimit),
                wire::counts,
                lagWait);
    }

    /** Closes the clients. Idempotent; a second call waits for the first one. */
    @Override
    public void close() {
        lock.lock();
        try {
            RuntimeException failure = null;
            while (!opened.isEmpty()) {
                try {
                    opened.pop().close();
                } catch (Exception e) {
                    RuntimeException unchecked =
                            e instanceof RuntimeException known ? known : new IllegalStateException(e);
                    if (failure == null) {
                        failure = unchecked;
                    } else {
                        failure.addSuppressed(unchecked);
                    }
                }
            }
            if (failure != null) {
                throw failure;
            }
        } finally {
            lock.unlock();
        }
    }
}
