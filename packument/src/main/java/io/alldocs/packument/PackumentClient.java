package io.alldocs.packument;

import io.alldocs.Env;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Fetches packuments into a cache.
 *
 * <p><b>Registries.</b> A name is requested from the registry that the npm configuration sets for its scope, or else
 * from {@link PackumentClientBuilder#registry}. The result is stored under the URL of that registry. A name whose scope
 * has its own registry is never requested from another registry.
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
 * response headers has passed, or else after {@link PackumentClientBuilder#outcomeLifetime}.
 *
 * <p>Only responses of the registry itself determine an outcome. A web page with any status, an empty response, or text
 * that is not JSON is an error, and nothing is recorded. The cause of the exception is then a
 * {@link io.alldocs.http.IntermediaryResponseException}. If a web page has status 404, the client sends one request for
 * a name that cannot exist. The response shows whether the registry itself sends such pages, as static file servers do.
 *
 * <p>{@link Outcome#MALFORMED} is recorded after the same bytes were received twice. Names whose outcome was recorded
 * by a version before 0.2 are requested once more.
 *
 * <p><b>Resuming.</b> In mode {@link CacheMode#FORCE_CACHE} a name with a recorded outcome costs one read of metadata,
 * whatever the size of its document.
 *
 * <p><b>Asynchronous calls.</b> Each call for one name has an asynchronous twin. {@code requestAll} has none, because
 * it runs requests in parallel itself and passes results to a consumer one at a time.
 *
 * <p>Ready for use when built. Safe for concurrent use.
 */
public final class PackumentClient implements AutoCloseable {

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
    private final RequestExecutor executor;
    private final StoredPackuments stored;
    private final boolean ownsCache;
    private final boolean ownsHttp;
    private final ConcurrentMap<URI, Registry> registries = new ConcurrentHashMap<>();

    PackumentClient(PackumentClientBuilder builder) {
        Env env = builder.env;
        npmConfig = builder.npmConfig == null
                ? NpmConfig.load(env.asMap(), env.readsUserFiles(), env.projectFolder())
                : builder.npmConfig;
        defaultRegistry = builder.registryOr(npmConfig);
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
        executor = new RequestExecutor(builder.executor, concurrency);
        stored = new StoredPackuments(cache, form);
    }

    /** Returns a builder in which every option has a default. */
    public static PackumentClientBuilder builder() {
        return new PackumentClientBuilder();
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
     * @throws AuthException on 401, and on 403 after {@link PackumentClientBuilder#consecutiveFailureLimit} different
     *     names in a row received it
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
        try {
            return stored.served(registry.base(), name, options.mode())
                    .orElseGet(() -> fetched(registry, name, options));
        } catch (AuthException | NotARegistryException e) {
            deleteSuspects(registry, e);
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
        return StoredPackuments.only(
                        stored.find(registryOf(name).base(), name),
                        result -> Outcome.hasDocument(result.head())
                                && Revision.hasReached(result.head().rev(), rev))
                .orElseGet(() -> request(name, options.withMode(CacheMode.NO_CACHE)));
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
        return executor.start(() -> request(nameOrPath, options), PackumentResult::close);
    }

    /**
     * Runs {@link #request(String, RequestOptions, String)} on the builder's executor, like
     * {@link #requestAsync(String, RequestOptions)}.
     */
    public CompletableFuture<PackumentResult> requestAsync(String nameOrPath, RequestOptions options, String rev) {
        return executor.start(() -> request(nameOrPath, options, rev), PackumentResult::close);
    }

    /**
     * Requests every name like {@link #requestAll(Iterable, RequestOptions, Consumer, BiConsumer)}. The summary
     * contains the failures.
     */
    public RunSummary requestAll(Iterable<String> names, RequestOptions options, Consumer<PackumentResult> results) {
        return requestAll(names, options, results, (name, error) -> {});
    }

    /**
     * Requests every name, up to {@link PackumentClientBuilder#concurrency} in parallel. Names are pulled one by one as
     * requests complete, and finished names are not kept, so memory use does not grow with their number.
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
                    executor.ofRun(),
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
            registries.values().forEach(registry -> deleteSuspects(registry, e));
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
        executor.close();
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
            limiter.setRate(PackumentClientBuilder.DEFAULT_RATE);
        }
    }

    private PackumentResult fetched(Registry registry, String name, RequestOptions options) {
        PackumentLoader loader =
                new PackumentLoader(cache.receiver(), http, outcomeLifetime, registry, name, form, options);
        CacheEntry entry = cache.fetch(form.key(registry.base(), name), options.mode(), loader);
        return PackumentResult.of(entry, name, form);
    }

    /** Deletes the outcomes that were recorded for the suspects of a registry. */
    private void deleteSuspects(Registry registry, RuntimeException reason) {
        try {
            stored.deleteRefusals(registry.base(), registry.suspects());
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }
}
