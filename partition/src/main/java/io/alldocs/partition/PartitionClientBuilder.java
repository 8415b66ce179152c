package io.alldocs.partition;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Builds a {@link PartitionClient}. Not thread-safe. */
public final class PartitionClientBuilder {
    Env env = Env.NONE;

    @Nullable
    Cache cache;

    @Nullable
    BaseHttpClient http;

    @Nullable
    URI origin;

    @Nullable
    NpmConfig npmConfig;

    @Nullable
    Executor executor;

    int concurrency = 4;
    int pageLimit = Database.MAX_PAGE;
    Duration lifetime = Duration.ofHours(1);

    PartitionClientBuilder() {}

    /**
     * Sets the environment, which provides the options that are not set here: the cache's driver, {@code NPM_ORIGIN}
     * and {@code NPM_TOKEN}. {@link Env#system()} is that of the process. Default: {@link Env#NONE}; nothing is read.
     */
    public PartitionClientBuilder env(Env env) {
        this.env = Objects.requireNonNull(env, "env");
        return this;
    }

    /**
     * Sets a shared cache, which the client does not close. Default: a new one that {@link #env} configures, in memory
     * without an environment.
     */
    public PartitionClientBuilder cache(Cache cache) {
        this.cache = cache;
        return this;
    }

    /**
     * Sets a shared HTTP client, which this client does not close. Default: a new one with the credentials of
     * {@link #npmConfig} or the environment.
     */
    public PartitionClientBuilder http(BaseHttpClient http) {
        this.http = http;
        return this;
    }

    /**
     * Sets the URL of the database including its path, such as {@code http://127.0.0.1:5984/registry}. Default:
     * {@code NPM_ORIGIN} of the environment, or else {@code https://replicate.npmjs.com}, whose path
     * {@code /registry} may be omitted.
     *
     * @throws IllegalArgumentException from {@link #build()} if it is not an http or https URL, or contains a user,
     *     query or fragment
     */
    public PartitionClientBuilder origin(URI origin) {
        this.origin = origin;
        return this;
    }

    /**
     * Sets the configuration that contains the credentials, for a client that creates its own HTTP client. Default:
     * {@code NPM_TOKEN} of the environment.
     */
    public PartitionClientBuilder npmConfig(NpmConfig config) {
        this.npmConfig = config;
        return this;
    }

    /**
     * Sets a shared executor for everything that the client runs in parallel: the requests of its runs and
     * asynchronous requests. The client does not close it. It should have a free thread for each parallel request;
     * with fewer, fewer run in parallel. From JDK 21 on, {@code Executors.newVirtualThreadPerTaskExecutor()} is
     * suitable. Default: each run starts {@link #concurrency} daemon threads that end with it, and asynchronous
     * requests run on the cache's executor.
     */
    public PartitionClientBuilder executor(Executor executor) {
        this.executor = executor;
        return this;
    }

    /**
     * Sets how many partitions are walked in parallel. Default: 4, because npm throttles clients with many
     * requests, and pages of 10,000 rows need few.
     *
     * @throws IllegalArgumentException if less than 1
     */
    public PartitionClientBuilder concurrency(int concurrency) {
        if (concurrency < 1) {
            throw new IllegalArgumentException("The concurrency must be at least 1, but is " + concurrency + ".");
        }
        this.concurrency = concurrency;
        return this;
    }

    /**
     * Sets the number of rows per page. Default: 10,000, the maximum of npm. At least 2, because a page begins with
     * the last row of the previous page.
     *
     * @throws IllegalArgumentException if outside 2 to 10,000
     */
    public PartitionClientBuilder pageLimit(int rows) {
        if (rows < 2 || rows > Database.MAX_PAGE) {
            throw new IllegalArgumentException(
                    "The page limit must be between 2 and " + Database.MAX_PAGE + " rows, but is " + rows + ".");
        }
        this.pageLimit = rows;
        return this;
    }

    /**
     * Sets how long an entry is fresh. Default: 1 hour, because the replica sends no headers about freshness, and a
     * few names change every second.
     *
     * @throws IllegalArgumentException if negative
     */
    public PartitionClientBuilder lifetime(Duration lifetime) {
        if (lifetime.isNegative()) {
            throw new IllegalArgumentException("The lifetime must not be negative, but is " + lifetime + ".");
        }
        this.lifetime = lifetime;
        return this;
    }

    /** Returns a client that is ready for use. */
    public PartitionClient build() {
        return new PartitionClient(this);
    }
}
