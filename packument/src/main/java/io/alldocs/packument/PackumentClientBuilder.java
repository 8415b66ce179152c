package io.alldocs.packument;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Builds a {@link PackumentClient}. Not thread-safe. */
public final class PackumentClientBuilder {
    private static final URI NPM = URI.create("https://registry.npmjs.com");

    /**
     * Default number of requests per second to a registry that is not on this machine. At this rate a full run of
     * 4.4 million names takes 24 hours, without overloading the registry.
     */
    public static final double DEFAULT_RATE = 50;

    /**
     * Default number of parallel requests. It sustains {@link #DEFAULT_RATE} at 0.6 s per response, as measured
     * with 50 connections to npm in September 2025.
     */
    public static final int DEFAULT_CONCURRENCY = 32;

    Env env = Env.NONE;

    @Nullable
    Cache cache;

    @Nullable
    BaseHttpClient http;

    @Nullable
    URI registry;

    @Nullable
    NpmConfig npmConfig;

    @Nullable
    Executor executor;

    PackumentForm form = PackumentForm.FULL;
    int concurrency = DEFAULT_CONCURRENCY;

    @Nullable
    Double rate;

    Duration outcomeLifetime = Duration.ofDays(1);
    int consecutiveFailureLimit = 20;

    PackumentClientBuilder() {}

    /**
     * Sets the environment from which storage and the npm configuration are read (see
     * {@link io.alldocs.http.NpmConfigLoader}). {@link Env#system()} is that of the process, with the npm configuration
     * files of the user and the machine. Default: {@link Env#NONE}; nothing is read.
     */
    public PackumentClientBuilder env(Env env) {
        this.env = Objects.requireNonNull(env, "env");
        return this;
    }

    /**
     * Sets a shared cache, which the client does not close. Default: a new one that {@link #env} configures, in memory
     * without an environment, which the client closes.
     */
    public PackumentClientBuilder cache(Cache cache) {
        this.cache = cache;
        return this;
    }

    /**
     * Sets a shared HTTP client, which this client does not close and whose credentials it uses. Default: a new one
     * with the credentials of {@link #npmConfig}.
     */
    public PackumentClientBuilder http(BaseHttpClient http) {
        this.http = http;
        return this;
    }

    /**
     * Sets the registry for all names whose scope has no registry of its own. Default: that of the npm
     * configuration, or else {@code https://registry.npmjs.com}.
     *
     * @throws IllegalArgumentException if it is not an http or https URL without user information, query and
     *     fragment
     */
    public PackumentClientBuilder registry(URI registry) {
        this.registry = Registry.checked(registry);
        return this;
    }

    /**
     * Sets the npm configuration: registries of scopes, and credentials, proxies and certificates for the client's
     * own HTTP client. An HTTP client that is set with {@link #http} keeps its own. Default: the npm configuration
     * of {@link #env}.
     */
    public PackumentClientBuilder npmConfig(NpmConfig npmConfig) {
        this.npmConfig = npmConfig;
        return this;
    }

    /**
     * Sets a shared executor for everything that the client runs in parallel: the requests of its runs and
     * asynchronous requests. The client does not close it. It should have a free thread for each parallel request;
     * with fewer, fewer run in parallel. From JDK 21 on, {@code Executors.newVirtualThreadPerTaskExecutor()} is
     * suitable. Default: each run starts {@link #concurrency} daemon threads that end with it. Asynchronous
     * requests share up to {@link #concurrency} others, which the client ends when it is closed.
     */
    public PackumentClientBuilder executor(Executor executor) {
        this.executor = executor;
        return this;
    }

    /** Sets the form of the packuments to request. Default: {@link PackumentForm#FULL}. */
    public PackumentClientBuilder form(PackumentForm form) {
        this.form = form;
        return this;
    }

    /**
     * Sets the maximum number of parallel requests of one run. Default: {@value #DEFAULT_CONCURRENCY}.
     *
     * @throws IllegalArgumentException if below 1
     */
    public PackumentClientBuilder concurrency(int requests) {
        if (requests < 1) {
            throw new IllegalArgumentException("The concurrency must be at least 1, but is " + requests + ".");
        }
        this.concurrency = requests;
        return this;
    }

    /**
     * Sets the maximum number of requests per second to each registry's host, including retries; 0 means no limit.
     * The rate is set on the host's limiter, which all clients of the JVM share unless the HTTP client has its own.
     * Default: the limiter's current rate if one is set, no limit on the loopback interface, or else
     * {@value #DEFAULT_RATE}.
     *
     * @throws IllegalArgumentException if negative or not a number
     */
    public PackumentClientBuilder rate(double perSecond) {
        if (!(perSecond >= 0)) {
            throw new IllegalArgumentException(
                    "The rate must be at least 0 requests per second, but is " + perSecond + ".");
        }
        this.rate = perSecond;
        return this;
    }

    /**
     * Sets how long an outcome without a document is fresh in mode {@link CacheMode#DEFAULT} if its headers do not
     * specify it. Default: 1 day.
     *
     * @throws IllegalArgumentException if negative
     */
    public PackumentClientBuilder outcomeLifetime(Duration lifetime) {
        if (lifetime.isNegative()) {
            throw new IllegalArgumentException("The lifetime must not be negative, but is " + lifetime + ".");
        }
        this.outcomeLifetime = lifetime;
        return this;
    }

    /**
     * Sets how many different names in a row may receive a 403 from a registry. The next 403 is attributed to the
     * credentials or the registry's URL instead of the name. The outcomes recorded for these names are deleted. The
     * same limit applies to names in a row that got a response from something that is not the registry; the run
     * then ends. Default: 20.
     *
     * @throws IllegalArgumentException if below 1
     */
    public PackumentClientBuilder consecutiveFailureLimit(int names) {
        if (names < 1) {
            throw new IllegalArgumentException("The limit must be at least 1 name, but is " + names + ".");
        }
        this.consecutiveFailureLimit = names;
        return this;
    }

    /** Returns the registry that is set, or else that of the npm configuration. */
    URI registryOr(NpmConfig config) {
        return registry != null
                ? registry
                : config.registry().map(Registry::checked).orElse(NPM);
    }

    /**
     * Returns a client that is ready for use.
     *
     * @throws IllegalArgumentException if the environment contains an invalid value
     * @throws IllegalStateException if the environment names a storage driver that is not found
     */
    public PackumentClient build() {
        return new PackumentClient(this);
    }
}
