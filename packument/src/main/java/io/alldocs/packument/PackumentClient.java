package io.alldocs.packument;

import io.alldocs.cache.BoundedRun;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.Env;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.RunSummary;
import io.alldocs.cache.StorageException;
import io.alldocs.http.AuthException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.CancelledException;
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
import org.jspecify.annotations.Nullable;

/**
 * Fetches packuments into a cache.
 *
 * <p><b>Registries.</b> A name is requested from the registry that the npm configuration names for its scope, else from {@link Builder#registry}, and
 * stored under the registry that was asked. A name whose scope has a registry is never requested from another one.
 *
 * <p><b>Forms.</b> What an answer's Content-Type says decides what was received and under which key it is stored. Where a mirror knows only the full
 * form, asking for the abbreviated one brings {@link PackumentForm#FULL} results: {@link CacheMode#FORCE_CACHE} and
 * {@link CacheMode#ONLY_IF_CACHED} find them again, the other modes ask each time, so use the full form with such a mirror. Outcomes other than OK
 * are recorded under the form asked for. A stored entry of the wrong form, as the JavaScript client writes under the full form's key, is a miss.
 *
 * <p><b>Outcomes.</b> What is not {@link Outcome#OK} is recorded in the entry's head and never takes the place of a packument that was good. In mode
 * {@link CacheMode#DEFAULT} it is asked for again when what its headers say is over, else after {@link Builder#outcomeLifetime}. Only the registry decides an
 * outcome: a page with any status, an empty answer or text that is no JSON is an error with a {@link io.alldocs.http.ForeignAnswerException} as its cause, and
 * nothing is recorded. Where a page says 404, one request for a name that cannot exist tells whether the registry says it so, as static file servers do.
 * {@link Outcome#MALFORMED} is recorded once the same bytes came twice. Outcomes that a version before 0.2 recorded are asked for once more.
 *
 * <p><b>Resuming.</b> In mode {@link CacheMode#FORCE_CACHE} a name whose outcome is recorded costs the read of one head, however large its document.
 *
 * <p>Ready when built; safe for concurrent use.
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
    private final int suspicionLimit;
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
        suspicionLimit = builder.suspicionLimit;
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

    /** Threads start when an asynchronous request needs them and end a minute after the last. */
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

    /** Whoever waits for a request that the pool will not run any more is told so. */
    private static void abandon(Runnable task) {
        if (task instanceof AsyncRequest<?> request) {
            request.completeExceptionally(new IllegalStateException("The client is closed."));
        }
    }

    /** A builder in which everything has a default. */
    public static Builder builder() {
        return new Builder();
    }

    /** As {@link #request(String, RequestOptions)} with {@link RequestOptions#DEFAULT}. */
    public PackumentResult request(String nameOrPath) {
        return request(nameOrPath, RequestOptions.DEFAULT);
    }

    /**
     * What became of one name, from the cache or its registry as the mode says.
     *
     * @param nameOrPath {@code express}, {@code /express}, {@code @scope/name} or {@code /@scope%2fname}; see {@link PackageName#normalize}
     * @throws IllegalArgumentException when it is no package name; nothing was asked
     * @throws AuthException on 401, and on 403 after {@link Builder#suspicionLimit} different names in a row met it
     * @throws NotARegistryException when that many in a row were answered by something that is not the registry
     * @throws io.alldocs.http.TemporaryException when every attempt was throttled, refused by a 5xx, timed out or cut
     * @throws io.alldocs.http.PermanentException on any other status that is no outcome
     * @throws CancelledException when the thread was interrupted; its interrupt flag is set again
     * @throws io.alldocs.cache.OperationInterruptedException likewise, while another thread was asking for the same name
     * @throws io.alldocs.cache.NotCachedException in mode only-if-cached, when nothing is stored
     * @throws io.alldocs.cache.BodyTooLargeException when the document passes the cap of the cache's receiver
     * @throws StorageException when the store cannot be read or written
     */
    public PackumentResult request(String nameOrPath, RequestOptions options) {
        String name = PackageName.normalize(nameOrPath);
        Registry registry = registryOf(name);
        Optional<PackumentResult> stored = fromStoreAlone(options.mode()) ? stored(registry, name) : Optional.empty();
        boolean doubtful = options.mode() == CacheMode.FORCE_CACHE
                && stored.filter(result -> result.head().isDoubtful()).isPresent();
        RequestOptions asked = doubtful ? options.withMode(CacheMode.NO_CACHE) : options;
        try {
            return stored.filter(result -> !doubtful).orElseGet(() -> fetched(registry, name, asked));
        } catch (AuthException | NotARegistryException e) {
            forgetSuspects(registry, e);
            throw e;
        }
    }

    /**
     * As {@link #request(String, RequestOptions)}, for a name that a feed of changes says is now at {@code rev}: what is stored answers, whatever the
     * mode, when it is proven to be of that generation or a later one; else the registry is asked, once. Its caches may lag behind the feed:
     * {@link PackumentResult#reaches} tells whether to come again.
     */
    public PackumentResult request(String nameOrPath, RequestOptions options, String rev) {
        String name = PackageName.normalize(nameOrPath);
        return stored(registryOf(name), name)
                .filter(result -> Outcome.hasDocument(result.head())
                        && Revision.hasReached(result.head().rev(), rev))
                .orElseGet(() -> request(name, options.withMode(CacheMode.NO_CACHE)));
    }

    /** As {@link #requestAsync(String, RequestOptions)} with {@link RequestOptions#DEFAULT}. */
    public CompletableFuture<PackumentResult> requestAsync(String nameOrPath) {
        return requestAsync(nameOrPath, RequestOptions.DEFAULT);
    }

    /**
     * {@link #request(String, RequestOptions)} on the builder's executor. What that would throw completes the future exceptionally, as does what the executor
     * says when it refuses the request; cancelling the future interrupts the request.
     */
    public CompletableFuture<PackumentResult> requestAsync(String nameOrPath, RequestOptions options) {
        return AsyncRequest.start(() -> request(nameOrPath, options), executor);
    }

    /** As {@link #requestAll(Iterable, RequestOptions, Consumer, BiConsumer)}; failures are found in the summary. */
    public RunSummary requestAll(Iterable<String> names, RequestOptions options, Consumer<PackumentResult> results) {
        return requestAll(names, options, results, (name, error) -> {});
    }

    /**
     * Requests every name, {@link Builder#concurrency} at a time. Names are taken one by one as there is room and nothing is kept of those that are
     * done, so memory does not grow with their number.
     *
     * @param names names or paths, taken lazily by one thread at a time
     * @param options of each request; with {@link CacheMode#FORCE_CACHE} an interrupted run goes on where it was
     * @param results called by one thread at a time, in the order of completion; a slow one slows the run
     * @param failures called likewise, with the name as given and what {@link #request(String, RequestOptions)} threw for it; the run goes on
     * @throws AuthException as {@link #request(String, RequestOptions)} throws it: it ends the run, since every further name would meet it
     * @throws NotARegistryException likewise
     * @throws StorageException one that is not {@link StorageException#retryable() retryable}, likewise
     * @throws io.alldocs.cache.OperationInterruptedException when the calling thread was interrupted; its interrupt flag is set again
     */
    public RunSummary requestAll(
            Iterable<String> names,
            RequestOptions options,
            Consumer<PackumentResult> results,
            BiConsumer<String, RuntimeException> failures) {
        return requestAll(names, name -> options, results, failures);
    }

    /**
     * As {@link #requestAll(Iterable, RequestOptions, Consumer, BiConsumer)}, with options of its own for each name: {@link CacheMode#RELOAD} spares the store a
     * read where nothing is stored, as the caller may know from a listing.
     *
     * @param options asked once for each name, with the name as given, by the thread that requests it
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
                    name -> request(name, options.apply(name)),
                    PackumentResult::source,
                    results,
                    failures,
                    PackumentClient::endsRun);
        } catch (AuthException | NotARegistryException e) {
            registries.values().forEach(registry -> forgetSuspects(registry, e)); // again: some were still under way
            throw e;
        }
    }

    /**
     * Those of {@code names} of which nothing is stored, as a listing beside their keys tells: one request to an ordered store for hundreds of names that lie close together,
     * where a look at each is one for each. With {@link CacheMode#RELOAD} for them, {@link #requestAll(Iterable, Function, Consumer, BiConsumer)} reads nothing. What is
     * stored meanwhile may be among them.
     *
     * @param names in any order
     * @return as given; without what is no package name, and empty when the store lists in no order
     * @throws StorageException when the store cannot be listed
     */
    public Set<String> absent(Collection<String> names) {
        AbsentNames absent = new AbsentNames(cache.driver());
        Set<String> inForm = absent.among(names, name -> key(name, form));
        return form == PackumentForm.FULL ? inForm : absent.among(inForm, name -> key(name, PackumentForm.FULL));
    }

    private CacheKey key(String nameOrPath, PackumentForm wanted) {
        String name = PackageName.normalize(nameOrPath);
        return wanted.key(registryOf(name).base(), name);
    }

    /** The registry of every name whose scope has none of its own. */
    public URI registry() {
        return defaultRegistry;
    }

    /**
     * The scopes whose registry is another than {@link #registry()}. Their names are requested from that registry only, whatever it answers, and stored
     * under its address; a job over one registry excludes them with {@link NameFilter#excludingScopes}.
     */
    public Set<String> scopesWithOwnRegistry() {
        return scopesWithOwnRegistry;
    }

    /**
     * Closes what the builder made itself: cache, HTTP client, executor. With the executor, asynchronous requests that are not done fail: those under way are
     * interrupted and fail as {@link #request(String, RequestOptions)} does then, those that wait for a thread, and later ones, with IllegalStateException.
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
                || error instanceof CancelledException
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
            return new Registry(Registry.checked(address), suspicionLimit);
        });
    }

    /** A rate that was asked for holds; the default one only where nobody has set any. */
    private void pace(HostLimiter limiter, URI address) {
        if (rate != null) {
            limiter.setRate(rate);
        } else if (limiter.currentRate() == 0 && !HostLimiters.isLoopback(address)) {
            limiter.setRate(Builder.DEFAULT_RATE);
        }
    }

    /** What the store holds for {@code name}, in the form asked for or else in the other form if that is the fuller one; reads heads only. */
    private Optional<PackumentResult> stored(Registry registry, String name) {
        Optional<PackumentResult> asked = stored(registry, name, form);
        return asked.isPresent() || form == PackumentForm.FULL ? asked : stored(registry, name, PackumentForm.FULL);
    }

    private Optional<PackumentResult> stored(Registry registry, String name, PackumentForm wanted) {
        CacheKey key = wanted.key(registry.base(), name);
        return cache.head(key)
                .filter(head -> PackumentForm.of(head).orElse(wanted) == wanted)
                .flatMap(head -> Outcome.of(head).isEmpty()
                        ? cache.entry(key)
                                .map(entry -> result(entry, name, wanted)) // another program's: its body must tell
                        : Optional.of(fromHead(key, name, head, wanted)));
    }

    private PackumentResult fromHead(CacheKey key, String name, EntryHead head, PackumentForm stored) {
        Outcome outcome = Outcome.of(head).orElseThrow();
        return new PackumentResult(name, outcome, stored, head, CacheEntry.Source.HIT, () -> cache.entry(key));
    }

    private PackumentResult fetched(Registry registry, String name, RequestOptions options) {
        PackumentLoader loader = new PackumentLoader(cache, http, outcomeLifetime, registry, name, form, options);
        try {
            return result(cache.fetch(form.key(registry.base(), name), options.mode(), loader::load), name, form);
        } catch (PackumentLoader.OtherForm other) {
            return result(other.entry, name, other.form);
        }
    }

    private static PackumentResult result(CacheEntry entry, String name, PackumentForm asked) {
        EntryHead head = entry.head();
        PackumentForm form = PackumentForm.of(head).orElse(asked);
        Outcome outcome = Outcome.of(head).orElseGet(() -> PackumentResult.outcomeOfBody(entry, name, form));
        return new PackumentResult(name, outcome, form, head, entry.source(), () -> Optional.of(entry));
    }

    /**
     * What a row of bad answers recorded says nothing about its names: without this they would stay blocked once the token is right. Where a good
     * packument is kept beside it, it is left alone.
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

    /** Configures a client. Not thread-safe. */
    public static final class Builder {

        /** Requests a second towards a registry that is not on this machine: the pace of a polite full run, 24 hours for 4.4 million names. */
        public static final double DEFAULT_RATE = 50;

        /** Keeps {@link #DEFAULT_RATE} busy at 0.6 s an answer, as 50 connections to npm measured in September 2025. */
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
        private int suspicionLimit = 20;

        private Builder() {}

        /**
         * Where storage and the npm configuration are read from (see {@link io.alldocs.http.NpmConfigLoader}). Default: the process environment, with the
         * npm configuration files of the user and the machine.
         */
        public Builder env(Env env) {
            this.env = env;
            return this;
        }

        /** Shared, not closed by the client. Default: one made from the environment, closed by the client. */
        public Builder cache(Cache cache) {
            this.cache = cache;
            return this;
        }

        /** Shared, not closed by the client, and with the credentials it was built with. Default: one with those of {@link #npmConfig}. */
        public Builder http(BaseHttpClient http) {
            this.http = http;
            return this;
        }

        /**
         * Asked for every name whose scope has no registry of its own. Default: the npm configuration's, else {@code https://registry.npmjs.com}.
         *
         * @throws IllegalArgumentException unless it is an http or https address without user information, query and fragment
         */
        public Builder registry(URI registry) {
            this.registry = Registry.checked(registry);
            return this;
        }

        /**
         * Registries of scopes; and credentials, proxies and certificates for the client's own HTTP client. Default: that of {@link #env}. A client that is
         * given with {@link #http} keeps its own.
         */
        public Builder npmConfig(NpmConfig npmConfig) {
            this.npmConfig = npmConfig;
            return this;
        }

        /** Runs asynchronous requests; shared, not shut down. Default: up to {@link #concurrency} daemon threads, ended by the client's close. */
        public Builder executor(Executor executor) {
            this.executor = executor;
            return this;
        }

        /** Default: {@link PackumentForm#FULL}. */
        public Builder form(PackumentForm form) {
            this.form = form;
            return this;
        }

        /**
         * Requests of one run at the same time. Default: {@value #DEFAULT_CONCURRENCY}.
         *
         * @throws IllegalArgumentException if below 1
         */
        public Builder concurrency(int requests) {
            if (requests < 1) {
                throw new IllegalArgumentException("The concurrency must be at least 1, not " + requests);
            }
            this.concurrency = requests;
            return this;
        }

        /**
         * Requests a second to each registry's host, retries included, 0 = no limit. Set on the host's limiter, which all clients of the JVM share
         * unless the HTTP client has its own. Default: {@value #DEFAULT_RATE}, none on the loopback interface, and what the limiter has already
         * where somebody has set it.
         *
         * @throws IllegalArgumentException if negative or not a number
         */
        public Builder rate(double perSecond) {
            if (!(perSecond >= 0)) {
                throw new IllegalArgumentException("The rate must be 0 or more a second, not " + perSecond);
            }
            this.rate = perSecond;
            return this;
        }

        /**
         * How long an outcome without a document, whose headers do not say, is not asked for again in mode {@link CacheMode#DEFAULT}. Default: 1 day.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder outcomeLifetime(Duration lifetime) {
            if (lifetime.isNegative()) {
                throw new IllegalArgumentException("A lifetime must not be negative: " + lifetime);
            }
            this.outcomeLifetime = lifetime;
            return this;
        }

        /**
         * How many different names in a row are taken at a registry's word when it answers 403; what it says of the next is not about that name, but about
         * our credentials or its address, and what was recorded for them is forgotten. Also how many in a row may be answered by something else before a run ends.
         * Default: 20.
         *
         * @throws IllegalArgumentException if below 1
         */
        public Builder suspicionLimit(int names) {
            if (names < 1) {
                throw new IllegalArgumentException("The limit must be at least 1 name, not " + names);
            }
            this.suspicionLimit = names;
            return this;
        }

        /**
         * A client, ready to use.
         *
         * @throws IllegalArgumentException when the environment holds something unusable
         * @throws IllegalStateException when the environment names a storage driver that is not there
         */
        public PackumentClient build() {
            return new PackumentClient(this);
        }
    }
}
