package io.alldocs.worker.internal.context;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiter;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.TransportOptions;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentClientBuilder;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionClientBuilder;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.RegistrySyncBuilder;
import io.alldocs.sync.SyncJob;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The caches and clients of one worker, each created on first use: a worker whose processors send no registry requests
 * creates no client. Reports pauses requested by a host to {@code pauses}, and applies pauses reported by other
 * workers. Safe for concurrent use.
 */
public final class WorkClients implements AutoCloseable {
    private final Env env;
    private final HostLimiters limiters;
    private final Consumer<Duration> pauses;
    private final Cache cache;
    private final Cache checkpoints;
    private final HttpTally tally;
    private final HttpParts parts;
    private final Map<HostLimiter, String> hosts = new ConcurrentHashMap<>();

    private final @Nullable Executor executor;
    private @Nullable NpmConfig npmConfig;
    private @Nullable HttpTransport transport;
    private @Nullable BaseHttpClient http;
    private @Nullable PartitionClient partitions;
    private @Nullable PackumentClient packuments;
    private final Map<String, RegistrySync> syncs = new HashMap<>();
    private final Deque<Runnable> owned = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();

    public WorkClients(
            Env env,
            Cache cache,
            Cache checkpoints,
            HostLimiters limiters,
            Consumer<Duration> pauses,
            HttpParts parts,
            @Nullable PartitionClient partitions,
            @Nullable PackumentClient packuments,
            @Nullable Executor executor) {
        this.env = env;
        this.cache = cache;
        this.checkpoints = checkpoints;
        this.limiters = limiters;
        this.pauses = pauses;
        this.tally = new HttpTally(cache.clock(), parts.listener());
        this.parts = parts;
        this.npmConfig = parts.npmConfig();
        this.transport = parts.transport();
        this.partitions = partitions;
        this.packuments = packuments;
        this.executor = executor;
        if (partitions != null) {
            observe(partitions.origin());
        }
        if (packuments != null) {
            observe(packuments.registry());
        }
    }

    Cache cache() {
        return cache;
    }

    Cache checkpoints() {
        return checkpoints;
    }

    /**
     * Returns the client of names. Its pages are read again soon after they are stored, so they are kept in a store
     * with read-after-write consistency.
     */
    PartitionClient partitions() {
        lock.lock();
        try {
            if (partitions == null) {
                PartitionClientBuilder builder =
                        PartitionClient.builder().env(env).cache(checkpoints).http(http());
                partitions = (executor == null ? builder : builder.executor(executor)).build();
                owned.push(partitions::close);
                observe(partitions.origin());
            }
            return partitions;
        } finally {
            lock.unlock();
        }
    }

    PackumentClient packuments() {
        lock.lock();
        try {
            if (packuments == null) {
                PackumentClientBuilder builder = PackumentClient.builder()
                        .env(env)
                        .cache(cache)
                        .http(http())
                        .npmConfig(npmConfig())
                        .concurrency(concurrency());
                packuments = (executor == null ? builder : builder.executor(executor)).build();
                owned.push(packuments::close);
                observe(packuments.registry());
            }
            return packuments;
        } finally {
            lock.unlock();
        }
    }

    private BaseHttpClient http() {
        if (http == null) {
            http = parts.builder()
                    .get()
                    .npmConfig(npmConfig())
                    .transport(transport())
                    .limiters(limiters)
                    .listener(tally)
                    .build();
            owned.push(http::close);
        }
        return http;
    }

    private HttpTransport transport() {
        if (transport == null) {
            transport = HttpTransports.create(TransportOptions.of(npmConfig()));
            owned.push(transport::close);
        }
        return transport;
    }

    private NpmConfig npmConfig() {
        if (npmConfig == null) {
            npmConfig = NpmConfig.load(env.asMap(), env.readsUserFiles(), env.projectFolder());
        }
        return npmConfig;
    }

    /** Returns the sync steps of a job; they share host limits and concurrency with the other clients. */
    RegistrySync sync(SyncJob job) {
        lock.lock();
        try {
            RegistrySync known = syncs.get(job.id());
            if (known == null) {
                RegistrySyncBuilder builder = RegistrySync.builder()
                        .job(job)
                        .env(env)
                        .cache(cache)
                        .checkpoints(checkpoints)
                        .npmConfig(npmConfig())
                        .http(parts.builder().get().limiters(limiters).listener(tally))
                        .transport(transport())
                        .concurrency(concurrency());
                known = (executor == null ? builder : builder.executor(executor)).build();
                syncs.put(job.id(), known);
                owned.push(known::close);
                job.origin().ifPresent(this::observe);
                observe(job.registry());
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private int concurrency() {
        return (int) env.getLong("PACKUMENT_CONCURRENCY", 4, 1, 1_000);
    }

    private void observe(URI host) {
        HostLimiter limiter = limiters.of(host);
        if (hosts.putIfAbsent(limiter, shown(host.resolve("/"))) == null) {
            owned.push(limiter.onPause(pauses));
        }
    }

    /** Returns the limiters of the hosts that received requests, by host address. */
    public Map<String, HostLimiter> hosts() {
        Map<String, HostLimiter> byName = new TreeMap<>();
        hosts.forEach((limiter, name) -> byName.put(name, limiter));
        return byName;
    }

    /** Counts the responses received by clients created here; requests of clients passed in are not counted. */
    public HttpTally tally() {
        return tally;
    }

    /**
     * Returns where packuments are fetched from, without creating a client; empty if the configuration is invalid,
     * which the client will report.
     */
    public Optional<URI> registry() {
        lock.lock();
        try {
            return packuments != null
                    ? Optional.of(packuments.registry())
                    : configured(() -> npmConfig().registry().orElse(SyncJob.NPM_REGISTRY));
        } finally {
            lock.unlock();
        }
    }

    /** Returns where names are listed from; otherwise like {@link #registry}. */
    public Optional<URI> origin() {
        lock.lock();
        try {
            return partitions != null
                    ? Optional.of(partitions.origin())
                    : configured(() -> env.get("NPM_ORIGIN").map(URI::create).orElse(SyncJob.NPM_ORIGIN));
        } finally {
            lock.unlock();
        }
    }

    private static Optional<URI> configured(Supplier<URI> address) {
        try {
            return Optional.of(address.get());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Applies a pause that another worker received. */
    public void pause(Duration length) {
        hosts.keySet().forEach(limiter -> limiter.pause(length));
    }

    /** Returns the address without user information, query and fragment, which may contain secrets. */
    public static String shown(URI address) {
        String port = address.getPort() < 0 ? "" : ":" + address.getPort();
        String path = address.getRawPath() == null || address.getRawPath().equals("/") ? "" : address.getRawPath();
        return address.getScheme() + "://" + address.getHost() + port + path;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            for (Runnable each = owned.poll(); each != null; each = owned.poll()) {
                each.run();
            }
        } finally {
            lock.unlock();
        }
    }
}
