package io.alldocs.sync;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.PackumentClientBuilder;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Builds a {@link RegistrySync}. Objects that are passed in are shared and not closed. Not thread-safe. */
public final class RegistrySyncBuilder {
    @Nullable
    SyncJob job;

    Env env = Env.NONE;

    @Nullable
    Cache cache;

    @Nullable
    Cache checkpoints;

    @Nullable
    NpmConfig npmConfig;

    BaseHttpClient.Builder http = BaseHttpClient.builder();

    @Nullable
    HttpTransport transport;

    SyncListener listener = SyncListener.NONE;

    @Nullable
    Executor executor;

    int concurrency = PackumentClientBuilder.DEFAULT_CONCURRENCY;

    @Nullable
    Double rate;

    int changesPage = 1_000;
    Duration lagWait = Duration.ofSeconds(10);
    int failureLimit = 50;

    RegistrySyncBuilder() {}

    /** Sets the job; required. */
    public RegistrySyncBuilder job(SyncJob value) {
        job = value;
        return this;
    }

    /**
     * Sets the environment, which determines the cache, checkpoints and npm configuration that are not set here.
     * {@link Env#system()} is that of the process. Default: {@link Env#NONE}; nothing is read.
     */
    public RegistrySyncBuilder env(Env value) {
        env = value;
        return this;
    }

    /** Sets the cache that stores everything. Default: a new one that {@link #env} configures. */
    public RegistrySyncBuilder cache(Cache value) {
        cache = value;
        return this;
    }

    /**
     * Sets the cache for the job's records, whose store must be consistent after a write. Default: the given cache;
     * without one, the cache that the environment names ({@code CHECKPOINT_DRIVER}).
     */
    public RegistrySyncBuilder checkpoints(Cache value) {
        checkpoints = value;
        return this;
    }

    /** Sets the npm configuration: credentials, proxies and certificates. Default: that of the environment. */
    public RegistrySyncBuilder npmConfig(NpmConfig value) {
        npmConfig = value;
        return this;
    }

    /**
     * Sets other settings of the HTTP client; this builder sets its npm configuration and transport. Default: those of
     * {@link BaseHttpClient.Builder}.
     */
    public RegistrySyncBuilder http(BaseHttpClient.Builder value) {
        http = value;
        return this;
    }

    /**
     * Sets the transport that sends the requests. Default: the one that {@code HTTP_TRANSPORT} names, else the JDK's
     * client.
     */
    public RegistrySyncBuilder transport(HttpTransport value) {
        transport = value;
        return this;
    }

    /** Sets the listener that receives the job's events. Default: none. */
    public RegistrySyncBuilder listener(SyncListener value) {
        listener = value;
        return this;
    }

    /**
     * Sets a shared executor for the requests that run in parallel, and for the background work of a cache that is not
     * given. The sync does not close it. It should have more free threads than {@link #concurrency}; with fewer, fewer
     * requests run in parallel. From JDK 21 on, {@code Executors.newVirtualThreadPerTaskExecutor()} is suitable. The
     * thread of {@link RegistrySync#start()} and the claim's heartbeat are daemon threads of the sync. Default: daemon
     * threads that end with each run.
     */
    public RegistrySyncBuilder executor(Executor value) {
        executor = value;
        return this;
    }

    /**
     * Sets how many packuments are requested at the same time. Default: 32.
     *
     * @throws IllegalArgumentException if less than 1
     */
    public RegistrySyncBuilder concurrency(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("The concurrency must be at least 1, but is " + value + ".");
        }
        concurrency = value;
        return this;
    }

    /** Sets the requests per second to the registry; 0 for no limit. Default: 50, none on the loopback interface. */
    public RegistrySyncBuilder rate(double perSecond) {
        rate = perSecond;
        return this;
    }

    /** Sets the changes per request, 1 to 10,000; the sequence is recorded after each page. Default: 1,000. */
    public RegistrySyncBuilder changesPage(int rows) {
        changesPage = rows;
        return this;
    }

    /**
     * Sets the first pause before a name that lags behind the feed is requested again; it grows with each round.
     * Default: 10 s.
     */
    public RegistrySyncBuilder lagWait(Duration value) {
        lagWait = value;
        return this;
    }

    /** Sets how many requests in a row may fail, each after its retries, before the run ends. Default: 50. */
    public RegistrySyncBuilder failureLimit(int value) {
        failureLimit = value;
        return this;
    }

    /**
     * Builds a sync of the job. Sends no request.
     *
     * @throws NullPointerException when there is no job
     * @throws IllegalArgumentException when a setting is out of range
     * @throws IllegalStateException when the environment names a storage driver that is not on the class path
     */
    public RegistrySync build() {
        return new RegistrySync(this);
    }
}
