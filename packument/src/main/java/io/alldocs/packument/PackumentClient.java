package io.alldocs.packument;

import io.alldocs.Env;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.run.BoundedRun;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.http.AuthException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiter;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Fetches packuments into a cache.
 *
 * <p><b>Registries.</b> A name is requested from the registry that the npm configuration sets for its scope, or else
 * from {@link Builder#registry}. The result is stored under the URL of that registry. A name whose scope has its own
 * registry is never requested from another registry.
 *
 * <p><b>Forms.</b> The Content-Type of the response determines which form was received and under which key it is
 * stored. A mirror may support only the full form; requests for the abbreviated form then return
 * {@link PackumentForm#FULL} results. {@link CacheMode#FORCE_CACHE} and {@link CacheMode#ONLY_IF_CACHED} find these
 * results in the cache. Other modes send a request on each call, so use the full form with such a mirror. Outcomes
 * other than OK are recorded under the requested form. A stored entry of the wrong form, as the JavaScript client
 * writes under the full form's key, is a miss.
 *
 * <p><b>Outcomes.</b> An outcome other than {@link Outcome#OK} is recorded in the entry's metadata and never replaces a
 * good packument. In mode {@link CacheMode#DEFAULT} the name is requested again when the freshness lifetime in the
 * response headers has passed, or else after {@link Builder#outcomeLifetime}.
 *
 * <p>Only responses of the registry itself determine an outcome. A web page with any status, an empty response, or text
 * that is not JSON is an error, and nothing is recorded. The cause of the exception is then a
 * {@link io.alldocs.http.ForeignAnswerException}. If a web page has status 404, the client sends one request for a name
 * that cannot exist. The response shows whether the registry itself sends such pages, as static file servers do.
 *
 * <p>{@link Outcome#MALFORMED} is recorded after the same bytes were received twice. Names whose outcome was recorded
 * by a version before 0.2 are requested once more.
 *
 * <p><b>Resuming.</b> In mode {@link CacheMode#FORCE_CACHE} a name with a recorded outcome costs one read of metadata,
 * whatever the size of its document.
 *
 * <p>Ready for use when built. Safe for concurrent use.
 */
public final class PackumentClient implements AutoCloseable {

    private static final URI NPM = URI.create("https://registry.npmjs.com");

    private final Cache cache;
    private final BaseHttpClient http;
    private final NpmConfig npmConfig;
    private final URI defaultRegistry;
    private final Set<String> scopesWithOwnRegistry;
    private final PackumentForm form;
    private final int concurrency;
    private final @Nullable Double rate;
    private final Duration outcomeLifetime;
    private final int consecutiveFailureLimit;
    private final Executor executor;
    private final @Nullable ExecutorService ownExecutor;
    private final boolean ownsCache;
    private final boolean ownsHttp;
    private final ConcurrentMap<URI, Registry> registries = new ConcurrentHashMap<>();

    private PackumentClient(Builder builder) {
        Env env = builder.env == null ? Env.system() : builder.env;
        npmConfig = builder.npmConfig == null
                ? NpmConfig.load(env.asMap(), env.readsUserFiles(), env.projectFolder())
                : builder.npmConfig;
        defaultRegistry = defaultRegistry(builder, npmConfig);
        scopesWithOwnRegistry = npmConfig.scopesOutside(defaultRegistry);
        form = builder.form;
        concurrency = builder.concurrency;
        rate = builder.rate;
        outcomeLifetime = builder.outcomeLifetime;
        consecutiveFailureLimit = builder.consecutiveFailureLimit;
        ownsCache = builder.cache == null;
        cache = builder.cache == null ? Cache.builder().env(env).build() : builder.cache;
        ownsHttp = builder.http == null;
        http = builder.http == null
                ? BaseHttpClient.builder().npmConfig(npmConfig).build()
                : builder.http;
        ownExecutor = builder.executor == null ? newExecutor(concurrency) : null;
        executor = builder.executor == null ? Objects.requireNonNull(ownExecutor) : builder.executor;
    }

    private static URI defaultRegistry(Builder builder, NpmConfig npmConfig) {
        return builder.registry != null
                ? builder.registry
                : npmConfig.registry().map(Registry::checked).orElse(NPM);
    }

    /**
     * Creates the default executor. Its threads start when an asynchronous request needs them and end after a minute
     * without requests.
     */
    private static ExecutorService newExecutor(int threads) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(threads, threads, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "packument");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        pool.setRejectedExecutionHandler((task, closed) -> abandon(task));
        return pool;
    }

    /** Fails the future of a request that the pool will no longer run. */
    private static void abandon(Runnable task) {
        if (task instanceof AsyncRequest<?> request) {
            request.completeExceptionally(new IllegalStateException("The client is closed."));
        }
    }

    /** Returns a builder in which every option has a default. */
    public static Builder builder() {
        return new Builder();
    }

    /** Calls {@link #request(String, RequestOptions)} with {@link RequestOptions#DEFAULT}. */
    public PackumentResult request(String nameOrPath) {
        return request(nameOrPath, RequestOptions.DEFAULT);
    }

    /**
     * Returns the result for one name, from the cache or its registry, depending on the mode.
     *
     * @param nameOrPath {@code express}, {@code /express}, {@code @scope/name} or {@code /@scope%2fname}; see
     *     {@link PackageName#normalize}
     * @throws IllegalArgumentException if it is not a package name; no request was sent
     * @throws AuthException on 401, and on 403 after {@link Builder#consecutiveFailureLimit} different names in a row
     *     received it
     * @throws NotARegistryException if that many names in a row were answered by a server that is not the registry
     * @throws io.alldocs.http.TemporaryException if every attempt was throttled, failed with a 5xx status, timed out,
     *     or was cut off
     * @throws io.alldocs.http.PermanentException on any other status that is not an outcome
     * @throws OperationInterruptedException if the thread was interrupted; its interrupt flag is set again
     * @throws io.alldocs.OperationInterruptedException if the thread was interrupted while it waited for another
     *     thread that requests the same name; its interrupt flag is set again
     * @throws io.alldocs.cache.NotCachedException in mode only-if-cached, if nothing is stored
     * @throws io.alldocs.cache.body.BodyTooLargeException if the document exceeds the limit of the cache's receiver
     * @throws StorageException if the store cannot be read or written
     */
    public PackumentResult request(String nameOrPath, RequestOptions options) {
        String name = PackageName.normalize(nameOrPath);
        Registry registry = registryOf(name);
        Optional<PackumentResult> stored = fromStoreAlone(options.mode()) ? stored(registry, name) : Optional.empty();
        boolean doubtful = options.mode() == CacheMode.FORCE_CACHE
                && stored.filter(result -> result.head().isDoubtful()).isPresent();
        RequestOptions asked = doubtful ? options.withMode(CacheMode.NO_CACHE) : options;
        try {
            return only(stored, result -> !doubtful).orElseGet(() -> fetched(registry, name, asked));
        } catch (AuthException | NotARegistryException e) {
            forgetSuspects(registry, e);
            throw e;
        }
    }

    /**
     * Returns the result for a name that, according to a feed of changes, is now at revision {@code rev}. A stored
     * packument of that generation or a later one is returned in any mode. Otherwise one request is sent to the
     * registry. The registry's caches may lag behind the feed; if {@link PackumentResult#reaches} returns false, retry
     * later.
     */
    public PackumentResult request(String nameOrPath, RequestOptions options, String rev) {
        String name = PackageName.normalize(nameOrPath);
        return only(
                        stored(registryOf(name), name),
                        result -> Outcome.hasDocument(result.head())
                                && Revision.hasReached(result.head().rev(), rev))
                .orElseGet(() -> request(name, options.withMode(CacheMode.NO_CACHE)));
    }

    /** Returns the result if {@code wanted} accepts it, and closes any other. */
    private static Optional<PackumentResult> only(Optional<PackumentResult> stored, Predicate<PackumentResult> wanted) {
        Optional<PackumentResult> accepted = stored.filter(wanted);
        if (accepted.isEmpty()) {
            stored.ifPresent(PackumentResult::close);
        }
        return accepted;
    }

    /** Calls {@link #requestAsync(String, RequestOptions)} with {@link RequestOptions#DEFAULT}. */
    public CompletableFuture<PackumentResult> requestAsync(String nameOrPath) {
        return requestAsync(nameOrPath, RequestOptions.DEFAULT);
    }

    /**
     * Runs {@link #request(String, RequestOptions)} on the builder's executor. The future completes exceptionally with
     * the exception that the method throws, or with that of the executor if it rejects the request. Cancelling the
     * future interrupts the request.
     */
    public CompletableFuture<PackumentResult> requestAsync(String nameOrPath, RequestOptions options) {
        return AsyncRequest.start(() -> request(nameOrPath, options), PackumentResult::close, executor);
    }

    /**
     * Requests every name like {@link #requestAll(Iterable, RequestOptions, Consumer, BiConsumer)}. The summary
     * contains the failures.
     */
    public RunSummary requestAll(Iterable<String> names, RequestOptions options, Consumer<PackumentResult> results) {
        return requestAll(names, options, results, (name, error) -> {});
    }

    /**
     * Requests every name, up to {@link Builder#concurrency} in parallel. Names are pulled one by one as requests
     * complete, and finished names are not kept, so memory use does not grow with their number.
     *
     * @param names names or paths, pulled lazily by one thread at a time
     * @param options options of each request; with {@link CacheMode#FORCE_CACHE} an interrupted run resumes where it
     *     left off
     * @param results called by one thread at a time, in the order of completion; a slow consumer slows down the run.
     *     The run closes each result when {@code results} returns, so read the document before that
     * @param failures called in the same way with the name as given and the exception of
     *     {@link #request(String, RequestOptions)}; the run continues
     * @throws AuthException under the conditions of {@link #request(String, RequestOptions)}; it ends the run, because
     *     it would affect every further name
     * @throws NotARegistryException under the conditions of that method; it ends the run
     * @throws StorageException if it is not {@link StorageException#retryable() retryable}; it ends the run
     * @throws io.alldocs.OperationInterruptedException if the calling thread was interrupted; its interrupt flag
     *     is set again
     */
    public RunSummary requestAll(
            Iterable<String> names,
            RequestOptions options,
            Consumer<PackumentResult> results,
            BiConsumer<String, RuntimeException> failures) {
        return requestAll(names, name -> options, results, failures);
    }

    /**
     * Requests every name like {@link #requestAll(Iterable, RequestOptions, Consumer, BiConsumer)}, with separate
     * options for each name. If a listing has shown that nothing is stored under a name, {@link CacheMode#RELOAD}
     * avoids a read of the store.
     *
     * @param options called once for each name, with the name as given, on the thread that requests it
     */
    public RunSummary requestAll(
            Iterable<String> names,
            Function<? super String, RequestOptions> options,
            Consumer<PackumentResult> results,
            BiConsumer<String, RuntimeException> failures) {
        try {
            return BoundedRun.run(
                    names,
                    concurrency,
                    ownExecutor == null ? executor : BoundedRun.threadPerTask(),
                    name -> request(name, options.apply(name)),
                    PackumentResult::source,
                    result -> {
                        try (result) {
                            results.accept(result);
                        }
                    },
                    failures,
                    PackumentClient::endsRun);
        } catch (AuthException | NotARegistryException e) {
            // repeated, because requests that were in flight may have recorded outcomes meanwhile
            registries.values().forEach(registry -> forgetSuspects(registry, e));
            throw e;
        }
    }

    /**
     * Returns those of {@code names} under which nothing is stored, using a listing of their keys. For hundreds of
     * names that are close together, an ordered store needs one request, whereas reading metadata takes one request per
     * name. If these names are requested with {@link CacheMode#RELOAD},
     * {@link #requestAll(Iterable, Function, Consumer, BiConsumer)} reads nothing from the store. The result may
     * contain names that are stored during the call.
     *
     * @param names in any order
     * @return names as given, without those that are not package names; empty if the store has no ordered listing
     * @throws StorageException if the store cannot be listed
     */
    public Set<String> absent(Collection<String> names) {
        UncachedNames absent = new UncachedNames(cache.driver());
        Set<String> inForm = absent.among(names, name -> key(name, form));
        return form == PackumentForm.FULL ? inForm : absent.among(inForm, name -> key(name, PackumentForm.FULL));
    }

    private CacheKey key(String nameOrPath, PackumentForm wanted) {
        String name = PackageName.normalize(nameOrPath);
        return wanted.key(registryOf(name).base(), name);
    }

    /** Returns the registry of all names whose scope has no registry of its own. */
    public URI registry() {
        return defaultRegistry;
    }

    /**
     * Returns the scopes whose registry differs from {@link #registry()}. Their names are requested only from that
     * registry, whatever it responds, and are stored under its URL. To process a single registry, exclude these scopes
     * with {@link NameFilter#excludingScopes}.
     */
    public Set<String> scopesWithOwnRegistry() {
        return scopesWithOwnRegistry;
    }

    /**
     * Closes the cache, HTTP client and executor that the builder created. If the builder created the executor,
     * incomplete asynchronous requests fail. Running requests are interrupted and fail with the exception of
     * {@link #request(String, RequestOptions)} for that case. Requests that still wait for a thread, and later ones,
     * fail with IllegalStateException.
     */
    @Override
    public void close() {
        if (ownExecutor != null) {
            ownExecutor.shutdownNow().forEach(PackumentClient::abandon);
        }
        if (ownsHttp) {
            http.close();
        }
        if (ownsCache) {
            cache.close();
        }
    }

    private static boolean endsRun(RuntimeException error) {
        return error instanceof AuthException
                || error instanceof NotARegistryException
                || error instanceof OperationInterruptedException
                || (error instanceof StorageException storage && !storage.retryable());
    }

    private static boolean fromStoreAlone(CacheMode mode) {
        return mode == CacheMode.FORCE_CACHE || mode == CacheMode.ONLY_IF_CACHED;
    }

    private Registry registryOf(String name) {
        URI base = PackageName.scope(name)
                .filter(scopesWithOwnRegistry::contains)
                .flatMap(npmConfig::registryForScope)
                .orElse(defaultRegistry);
        return registries.computeIfAbsent(base, address -> {
            pace(http.limiter(address), address);
            return new Registry(Registry.checked(address), consecutiveFailureLimit);
        });
    }

    /**
     * Sets the rate of a host. The rate of the builder always applies; the default rate applies only if no rate is set.
     */
    private void pace(HostLimiter limiter, URI address) {
        if (rate != null) {
            limiter.setRate(rate);
        } else if (limiter.currentRate() == 0 && !HostLimiters.isLoopback(address)) {
            limiter.setRate(Builder.DEFAULT_RATE);
        }
    }

    /**
     * Returns the stored result for {@code name} in the requested form. If the abbreviated form was requested and is
     * not stored, returns the full form. Reads only metadata.
     */
    private Optional<PackumentResult> stored(Registry registry, String name) {
        Optional<PackumentResult> asked = stored(registry, name, form);
        return asked.isPresent() || form == PackumentForm.FULL ? asked : stored(registry, name, PackumentForm.FULL);
    }

    private Optional<PackumentResult> stored(Registry registry, String name, PackumentForm wanted) {
        CacheKey key = wanted.key(registry.base(), name);
        return cache.head(key)
                .filter(head -> PackumentForm.of(head).orElse(wanted) == wanted)
                .flatMap(head -> Outcome.of(head).isEmpty()
                        // written by another program: the outcome depends on its body
                        ? cache.entry(key).map(entry -> PackumentResult.of(entry, name, wanted))
                        : Optional.of(PackumentResult.stored(head, name, wanted, () -> cache.entry(key))));
    }

    private PackumentResult fetched(Registry registry, String name, RequestOptions options) {
        PackumentLoader loader = new PackumentLoader(cache, http, outcomeLifetime, registry, name, form, options);
        try {
            return PackumentResult.of(
                    cache.fetch(form.key(registry.base(), name), options.mode(), loader::load), name, form);
        } catch (PackumentLoader.OtherForm other) {
            return PackumentResult.of(other.entry.share(), name, other.form);
        }
    }

    /**
     * Deletes outcomes that were recorded during a series of 403 responses, because such responses concern the
     * credentials and not the names. Otherwise the names would stay blocked after the token is corrected. An entry with
     * a good packument is kept.
     */
    private void forgetSuspects(Registry registry, RuntimeException reason) {
        try {
            registry.suspects().stream()
                    .map(name -> form.key(registry.base(), name))
                    .filter(this::isSuspect)
                    .forEach(key -> cache.delete(key.toString()));
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    private boolean isSuspect(CacheKey key) {
        return cache.head(key)
                .filter(head -> head.sizeBytes() == 0)
                .flatMap(Outcome::of)
                .filter(outcome -> outcome == Outcome.BLOCKED || outcome == Outcome.MALFORMED)
                .isPresent();
    }

    /** Builds a {@link PackumentClient}. Not thread-safe. */
    public static final class Builder {

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

        private @Nullable Env env;
        private @Nullable Cache cache;
        private @Nullable BaseHttpClient http;
        private @Nullable URI registry;
        private @Nullable NpmConfig npmConfig;
        private @Nullable Executor executor;
        private PackumentForm form = PackumentForm.FULL;
        private int concurrency = DEFAULT_CONCURRENCY;
        private @Nullable Double rate;
        private Duration outcomeLifetime = Duration.ofDays(1);
        private int consecutiveFailureLimit = 20;

        private Builder() {}

        /**
         * Sets the environment from which storage and the npm configuration are read (see
         * {@link io.alldocs.http.NpmConfigLoader}). Default: the process environment, with the npm configuration files
         * of the user and the machine.
         */
        public Builder env(Env env) {
            this.env = env;
            return this;
        }

        /**
         * Sets a shared cache, which the client does not close. Default: a new one that the environment configures,
         * which the client closes.
         */
        public Builder cache(Cache cache) {
            this.cache = cache;
            return this;
        }

        /**
         * Sets a shared HTTP client, which this client does not close and whose credentials it uses. Default: a new one
         * with the credentials of {@link #npmConfig}.
         */
        public Builder http(BaseHttpClient http) {
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
        public Builder registry(URI registry) {
            this.registry = Registry.checked(registry);
            return this;
        }

        /**
         * Sets the npm configuration: registries of scopes, and credentials, proxies and certificates for the client's
         * own HTTP client. An HTTP client that is set with {@link #http} keeps its own. Default: the npm configuration
         * of {@link #env}.
         */
        public Builder npmConfig(NpmConfig npmConfig) {
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
        public Builder executor(Executor executor) {
            this.executor = executor;
            return this;
        }

        /** Sets the form of the packuments to request. Default: {@link PackumentForm#FULL}. */
        public Builder form(PackumentForm form) {
            this.form = form;
            return this;
        }

        /**
         * Sets the maximum number of parallel requests of one run. Default: {@value #DEFAULT_CONCURRENCY}.
         *
         * @throws IllegalArgumentException if below 1
         */
        public Builder concurrency(int requests) {
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
        public Builder rate(double perSecond) {
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
        public Builder outcomeLifetime(Duration lifetime) {
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
        public Builder consecutiveFailureLimit(int names) {
            if (names < 1) {
                throw new IllegalArgumentException("The limit must be at least 1 name, but is " + names + ".");
            }
            this.consecutiveFailureLimit = names;
            return this;
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
}
