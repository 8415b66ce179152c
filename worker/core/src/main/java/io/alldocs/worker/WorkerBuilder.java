package io.alldocs.worker;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.HttpListener;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.worker.internal.context.HttpParts;
import io.alldocs.worker.internal.context.WorkClients;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Builds a worker. Objects passed to it are shared and not closed. Not thread-safe. */
public final class WorkerBuilder {
    /** Default concurrency, as documented by the JavaScript project. */
    public static final int DEFAULT_CONCURRENCY = 10;

    @Nullable
    WorkQueue queue;

    @Nullable
    Cache cache;

    @Nullable
    Cache checkpoints;

    @Nullable
    PartitionClient partitions;

    @Nullable
    PackumentClient packuments;

    final List<Processor> processors = new ArrayList<>();
    Env env = Env.NONE;
    HostLimiters limiters = HostLimiters.shared();

    @Nullable
    Executor executor;

    WorkListener listener = WorkListener.NONE;
    HttpListener httpListener = HttpListener.NONE;
    Supplier<BaseHttpClient.Builder> http = BaseHttpClient::builder;

    @Nullable
    NpmConfig npmConfig;

    @Nullable
    HttpTransport transport;

    int concurrency = DEFAULT_CONCURRENCY;
    Duration grace = Duration.ofSeconds(10);
    Clock clock = Clock.systemUTC();

    WorkerBuilder() {}

    /** Sets the queue to lease items from and to add follow-up items to. */
    public WorkerBuilder queue(WorkQueue queue) {
        this.queue = queue;
        return this;
    }

    /** Sets where entries are stored. */
    public WorkerBuilder cache(Cache cache) {
        this.cache = cache;
        return this;
    }

    /** Sets where progress is stored. Default: the cache of entries. */
    public WorkerBuilder checkpoints(Cache checkpoints) {
        this.checkpoints = checkpoints;
        return this;
    }

    /** Adds a processor; it replaces a built-in or discovered processor of the same type. */
    public WorkerBuilder processor(Processor processor) {
        processors.add(processor);
        return this;
    }

    /**
     * Sets the environment that configures clients not set here, and that processors can read. {@link Env#system()} is
     * that of the process. Default: {@link Env#NONE}; nothing is read.
     */
    public WorkerBuilder env(Env env) {
        this.env = Objects.requireNonNull(env, "env");
        return this;
    }

    /**
     * Sets the client that lists names from the origin. Default: a client configured by the environment, created on
     * first use.
     */
    public WorkerBuilder partitions(PartitionClient client) {
        this.partitions = client;
        return this;
    }

    /**
     * Sets the client that fetches packuments from the registry. Default: a client configured by the environment
     * with {@code PACKUMENT_CONCURRENCY} (4) concurrent requests per item, created on first use.
     */
    public WorkerBuilder packuments(PackumentClient client) {
        this.packuments = client;
        return this;
    }

    /**
     * Sets the limiters of the clients' hosts. A pause requested by a host is propagated to the whole fleet, and
     * pauses of the fleet apply here. Default: {@link HostLimiters#shared()}.
     */
    public WorkerBuilder limiters(HostLimiters limiters) {
        this.limiters = limiters;
        return this;
    }

    /**
     * Sets a shared executor that processes the items and runs the requests of the clients that the worker creates.
     * The worker does not close it. It must have more free threads than {@link #concurrency} ×
     * ({@code PACKUMENT_CONCURRENCY} + 1). From JDK 21 on, {@code Executors.newVirtualThreadPerTaskExecutor()} is
     * suitable. The worker leases and settles items on its own daemon threads. Default: daemon threads, one for
     * each item that is processed at the same time, and those of the clients.
     */
    public WorkerBuilder executor(Executor executor) {
        this.executor = executor;
        return this;
    }

    /**
     * Sets how many items are processed at the same time. Default: {@value #DEFAULT_CONCURRENCY}.
     *
     * @throws IllegalArgumentException if less than 1
     */
    public WorkerBuilder concurrency(int items) {
        if (items < 1) {
            throw new IllegalArgumentException("The concurrency must be at least 1, but is " + items + ".");
        }
        this.concurrency = items;
        return this;
    }

    /** Sets the grace period for items in progress when the worker is closed or fails. Default: 10 s. */
    public WorkerBuilder grace(Duration grace) {
        this.grace = grace;
        return this;
    }

    /** Sets the listener of the worker's items. Default: {@link WorkListener#NONE}. */
    public WorkerBuilder listener(WorkListener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /**
     * Sets the listener of the HTTP clients that the worker creates. Clients that are passed to this builder do not
     * use it. Default: {@link HttpListener#NONE}.
     */
    public WorkerBuilder httpListener(HttpListener listener) {
        this.httpListener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /**
     * Sets the source of the builders for the HTTP clients that the worker creates, for example with a user agent
     * or timeouts. The worker calls it for each client, and sets npm configuration, transport, limiters and
     * listener of the returned builder. Default: {@link BaseHttpClient#builder()}.
     *
     * @param builders returns a new builder with each call
     */
    public WorkerBuilder http(Supplier<BaseHttpClient.Builder> builders) {
        this.http = Objects.requireNonNull(builders, "builders");
        return this;
    }

    /** Sets the npm configuration of the clients that the worker creates. Default: that of the environment. */
    public WorkerBuilder npmConfig(NpmConfig config) {
        this.npmConfig = Objects.requireNonNull(config, "config");
        return this;
    }

    /**
     * Sets the transport of the clients that the worker creates. The worker does not close it. Default: one that
     * the npm configuration describes, created on first use.
     */
    public WorkerBuilder transport(HttpTransport transport) {
        this.transport = Objects.requireNonNull(transport, "transport");
        return this;
    }

    /** Sets the clock for rates and times. Default: the system clock. */
    public WorkerBuilder clock(Clock clock) {
        this.clock = clock;
        return this;
    }

    /** Creates the clients of the worker. */
    WorkClients clients(Consumer<Duration> onPause) {
        Cache entries = Objects.requireNonNull(cache, "cache");
        return new WorkClients(
                env,
                entries,
                checkpoints == null ? entries : checkpoints,
                limiters,
                onPause,
                new HttpParts(http, npmConfig, transport, httpListener),
                partitions,
                packuments,
                executor);
    }

    /** Creates the worker, without starting it. */
    public Worker build() {
        return new Worker(this);
    }
}
