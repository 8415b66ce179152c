package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.Env;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.PackumentClient;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link RegistrySync}; what is given is shared and not closed. Not thread-safe. */
public final class RegistrySyncBuilder {
    @Nullable
    SyncJob job;

    Env env = Env.system();

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
    int concurrency = PackumentClient.Builder.DEFAULT_CONCURRENCY;

    @Nullable
    Double rate;

    int changesPage = 1_000;
    Duration lagWait = Duration.ofSeconds(10);
    int failureLimit = 50;

    RegistrySyncBuilder() {}

    /** What is wanted. */
    public RegistrySyncBuilder job(SyncJob value) {
        job = value;
        return this;
    }

    /** Where the cache, its checkpoints and the npm configuration are read from, unless they are given. Default: the process environment. */
    public RegistrySyncBuilder env(Env value) {
        env = value;
        return this;
    }

    /** Where everything is stored. Default: as the environment says. */
    public RegistrySyncBuilder cache(Cache value) {
        cache = value;
        return this;
    }

    /**
     * Where the job's records are, in a store that is consistent after a write. Default: the given cache, which must be so then; else as the environment
     * says ({@code CHECKPOINT_DRIVER}).
     */
    public RegistrySyncBuilder checkpoints(Cache value) {
        checkpoints = value;
        return this;
    }

    /** Credentials, proxies and certificates, as npm is configured. Default: as the environment says. */
    public RegistrySyncBuilder npmConfig(NpmConfig value) {
        npmConfig = value;
        return this;
    }

    /** Other settings of the HTTP client; its npm configuration and transport are set here. Default: those of the builder. */
    public RegistrySyncBuilder http(BaseHttpClient.Builder value) {
        http = value;
        return this;
    }

    /** What sends the requests. Default: the JDK's client. */
    public RegistrySyncBuilder transport(HttpTransport value) {
        transport = value;
        return this;
    }

    /** Receives what the job does. Default: nobody. */
    public RegistrySyncBuilder listener(SyncListener value) {
        listener = value;
        return this;
    }

    /** Packuments requested at the same time, at least 1. Default: 32. */
    public RegistrySyncBuilder concurrency(int value) {
        concurrency = value;
        return this;
    }

    /** Requests a second to the registry; 0 for no limit. Default: 50, none on the loopback interface. */
    public RegistrySyncBuilder rate(double perSecond) {
        rate = perSecond;
        return this;
    }

    /** Changes requested at a time, 1 to 10,000; the position in the feed is recorded after so many. Default: 1,000. */
    public RegistrySyncBuilder changesPage(int rows) {
        changesPage = rows;
        return this;
    }

    /** Pause before a name is requested again that lags behind the feed; grows with each round. Default: 10 s. */
    public RegistrySyncBuilder lagWait(Duration value) {
        lagWait = value;
        return this;
    }

    /** Failed requests, each retried by its client, without a success between them that end a run. Default: 50. */
    public RegistrySyncBuilder failureLimit(int value) {
        failureLimit = value;
        return this;
    }

    /**
     * A sync of the job. Sends no request.
     *
     * @throws NullPointerException when there is no job
     * @throws IllegalArgumentException when a setting is out of range
     * @throws IllegalStateException when the environment names a storage driver that is not there
     */
    public RegistrySync build() {
        return new RegistrySync(this);
    }
}
