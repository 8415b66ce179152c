package io.alldocs.worker;

import io.alldocs.cache.Cache;
import io.alldocs.cache.Env;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiter;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.TransportOptions;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.sync.RegistrySync;
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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The caches and clients of one worker, each made when it is first asked for: a worker whose processors ask no registry
 * pays for no client. Pauses that a host asks for are told to {@code pauses}, and held here when another worker met
 * them. Safe for concurrent use.
 */
final class WorkClients implements AutoCloseable {
    private final Env env;
    private final HostLimiters limiters;
    private final Consumer<Duration> pauses;
    private final Cache cache;
    private final Cache checkpoints;
    private final HttpTally tally;
    private final Map<HostLimiter, String> hosts = new ConcurrentHashMap<>();

    private @Nullable NpmConfig npmConfig;
    private @Nullable HttpTransport transport;
    private @Nullable BaseHttpClient http;
    private @Nullable PartitionClient partitions;
    private @Nullable PackumentClient packuments;
    private final Map<String, RegistrySync> syncs = new HashMap<>();
    private final Deque<Runnable> owned = new ArrayDeque<>();

    WorkClients(
            Env env,
            Cache cache,
            Cache checkpoints,
            HostLimiters limiters,
            Consumer<Duration> pauses,
            @Nullable PartitionClient partitions,
            @Nullable PackumentClient packuments) {
        this.env = env;
        this.cache = cache;
        this.checkpoints = checkpoints;
        this.limiters = limiters;
        this.pauses = pauses;
        this.tally = new HttpTally(cache.clock());
        this.partitions = partitions;
        this.packuments = packuments;
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

    /** Its pages are read again soon after they were stored, so they are kept where reads see writes. */
    synchronized PartitionClient partitions() {
        if (partitions == null) {
            partitions = PartitionClient.builder()
                    .env(env)
                    .cache(checkpoints)
                    .http(http())
                    .build();
            owned.push(partitions::close);
            observe(partitions.origin());
        }
        return partitions;
    }

    synchronized PackumentClient packuments() {
        if (packuments == null) {
            packuments = PackumentClient.builder()
                    .env(env)
                    .cache(cache)
                    .http(http())
                    .npmConfig(npmConfig())
                    .concurrency(concurrency())
                    .build();
            owned.push(packuments::close);
            observe(packuments.registry());
        }
        return packuments;
    }

    private BaseHttpClient http() {
        if (http == null) {
            http = BaseHttpClient.builder()
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

    /** Does the steps of a job, with the same hosts' limits and concurrency as the other clients. */
    synchronized RegistrySync sync(SyncJob job) {
        RegistrySync known = syncs.get(job.id());
        if (known == null) {
            known = RegistrySync.builder()
                    .job(job)
                    .env(env)
                    .cache(cache)
                    .checkpoints(checkpoints)
                    .npmConfig(npmConfig())
                    .http(BaseHttpClient.builder().limiters(limiters).listener(tally))
                    .transport(transport())
                    .concurrency(concurrency())
                    .build();
            syncs.put(job.id(), known);
            owned.push(known::close);
            job.origin().ifPresent(this::observe);
            observe(job.registry());
        }
        return known;
    }

    private int concurrency() {
        return (int) env.getLong("PACKUMENT_CONCURRENCY", 4, 1, 1_000);
    }

    private void observe(URI host) {
        HostLimiter limiter = limiters.of(host);
        if (hosts.putIfAbsent(limiter, WorkerFacts.shown(host.resolve("/"))) == null) {
            owned.push(limiter.onPause(pauses));
        }
    }

    /** The limiters of the hosts that were asked, by the host's address. */
    Map<String, HostLimiter> hosts() {
        Map<String, HostLimiter> byName = new TreeMap<>();
        hosts.forEach((limiter, name) -> byName.put(name, limiter));
        return byName;
    }

    /**
     * What came back for the requests of the clients that were made here; requests of clients that were given are not
     * counted.
     */
    HttpTally tally() {
        return tally;
    }

    /**
     * Where packuments are fetched from, without making a client; empty when the configuration is wrong, which the
     * client will say.
     */
    synchronized Optional<URI> registry() {
        return packuments != null
                ? Optional.of(packuments.registry())
                : configured(() -> npmConfig().registry().orElse(SyncJob.NPM_REGISTRY));
    }

    /** Where names are listed from; otherwise as {@link #registry}. */
    synchronized Optional<URI> origin() {
        return partitions != null
                ? Optional.of(partitions.origin())
                : configured(() -> env.get("NPM_ORIGIN").map(URI::create).orElse(SyncJob.NPM_ORIGIN));
    }

    private static Optional<URI> configured(Supplier<URI> address) {
        try {
            return Optional.of(address.get());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Another worker was told to wait. */
    void pause(Duration length) {
        hosts.keySet().forEach(limiter -> limiter.pause(length));
    }

    @Override
    public synchronized void close() {
        for (Runnable each = owned.poll(); each != null; each = owned.poll()) {
            each.run();
        }
    }
}
