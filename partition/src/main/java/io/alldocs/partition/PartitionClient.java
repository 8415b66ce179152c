package io.alldocs.partition;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.Env;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.RunSummary;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import io.alldocs.partition.PageStore.Policy;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Fetches partitions of a database's {@code _all_docs} into a cache. A partition is answered whole or the call fails. Safe for concurrent use.
 *
 * <p>Every call that asks the origin throws, unless it hands failures to a callback:
 *
 * <ul>
 *   <li>{@link io.alldocs.http.RequestException} when no usable answer came: refused credentials, throttling and faults at every attempt, another
 *       status, an interrupt (the thread's flag is set again)
 *   <li>{@link OriginException} when the answer is not that of a CouchDB database
 *   <li>{@link io.alldocs.cache.StorageException} when the cache's store fails, {@link io.alldocs.cache.NotCachedException} when only the cache may
 *       answer and does not
 * </ul>
 *
 * <p>The origin may be npm's replica or any CouchDB-compatible server. Entries live for {@link Builder#lifetime}, whatever the answer's headers say.
 */
public final class PartitionClient implements AutoCloseable {
    private final Cache cache;
    private final BaseHttpClient http;
    private final boolean closesCache;
    private final boolean closesHttp;
    private final int concurrency;
    private final Database database;
    private final AllDocs allDocs;
    private final PageStore store;

    private PartitionClient(Builder builder) {
        closesCache = builder.cache == null;
        closesHttp = builder.http == null;
        cache = builder.cache != null
                ? builder.cache
                : Cache.builder().env(builder.env).build();
        http = builder.http != null ? builder.http : Wiring.http(builder.env, builder.npmConfig);
        concurrency = builder.concurrency;
        database = new Database(Wiring.origin(builder.env, builder.origin), http, cache.receiver());
        allDocs = new AllDocs(database, builder.pageLimit);
        store = new PageStore(cache, database.origin(), builder.lifetime);
    }

    /** A builder whose every setting has a default. */
    public static Builder builder() {
        return new Builder();
    }

    /** Same as {@link #request(Partition, RequestOptions)} with {@link RequestOptions#DEFAULT}. */
    public CacheEntry request(Partition partition) {
        return request(partition, RequestOptions.DEFAULT);
    }

    /**
     * The whole partition as one entry: its {@code rows} are all documents of the range, {@code _design/…} documents included.
     *
     * @throws PartitionTooLargeException when it does not fit one page of at most 10,000 rows; nothing was stored
     */
    public CacheEntry request(Partition partition, RequestOptions options) {
        return cache.fetch(partition.key(origin()), modeFor(partition, options), stored -> load(partition, options));
    }

    /** Same as {@link #requestAsync(Partition, RequestOptions)} with {@link RequestOptions#DEFAULT}. */
    public CompletableFuture<CacheEntry> requestAsync(Partition partition) {
        return requestAsync(partition, RequestOptions.DEFAULT);
    }

    /** Like {@link #request(Partition, RequestOptions)}, on the cache's executor; the future fails with what that throws. */
    public CompletableFuture<CacheEntry> requestAsync(Partition partition, RequestOptions options) {
        return cache.fetchAsync(
                partition.key(origin()), modeFor(partition, options), stored -> load(partition, options));
    }

    /** What another program stored under the documented key may be cut short: it is loaded again wherever loading is allowed. */
    private CacheMode modeFor(Partition partition, RequestOptions options) {
        boolean mayAnswer = options.mode() == CacheMode.DEFAULT || options.mode() == CacheMode.FORCE_CACHE;
        return mayAnswer && store.holdsForeign(partition) ? CacheMode.RELOAD : options.mode();
    }

    private Loaded load(Partition partition, RequestOptions options) {
        Page page = allDocs.first(partition, options);
        boolean whole = false;
        try {
            if (allDocs.isFollowed(page, partition, options)) {
                throw new PartitionTooLargeException(
                        partition,
                        database.toString(),
                        page.scan().rawRows(),
                        String.valueOf(page.scan().last()));
            }
            Loaded value = store.value(partition, page);
            whole = true;
            return value;
        } finally {
            if (!whole) {
                page.close();
            }
        }
    }

    /** Same as the call with a callback for failures; they are only counted in the summary, with the first 100 messages. */
    public RunSummary requestAll(
            Iterable<Partition> partitions, RequestOptions options, Consumer<? super PartitionResult> results) {
        return requestAll(partitions, options, results, (partition, failure) -> {});
    }

    /**
     * Walks partitions of any size, several at the same time. Each page becomes a partition with a key range and an entry of its own; a partition that
     * fits one page has its entry under its own key, where {@link #request(Partition)} finds it. A page that the mode lets the cache answer is not
     * asked for again; a walk that was cut short therefore goes on where it ended with {@link CacheMode#FORCE_CACHE}.
     *
     * @param partitions pulled as walks become free
     * @param results called with each page by one thread at a time, in order within a partition; a slow consumer slows the walks, and what it throws
     *     ends the run and reaches the caller
     * @param failures called likewise with a partition whose walk failed; pages before the failure are stored
     * @return partitions as items, pages by where they came from
     * @throws io.alldocs.http.AuthException when the origin refuses the credentials: no further partition is tried
     * @throws io.alldocs.cache.OperationInterruptedException when the calling thread is interrupted; its flag is set again
     */
    public RunSummary requestAll(
            Iterable<Partition> partitions,
            RequestOptions options,
            Consumer<? super PartitionResult> results,
            BiConsumer<? super Partition, ? super RuntimeException> failures) {
        Policy policy = new Policy(options.mode(), Optional.empty());
        return new WalkRun(partition -> walk(partition, options, policy), concurrency, results, failures)
                .run(partitions);
    }

    /**
     * Walks all partitions that {@code pivots} cut the key space into, as
     * {@link #requestAll(Iterable, RequestOptions, Consumer, BiConsumer)} does; failures are only counted in the summary, with the first 100 messages.
     *
     * @param pivots as for {@link PartitionSet#fromPivots}
     * @throws IllegalArgumentException as {@link PartitionSet#fromPivots}; nothing was requested
     */
    public RunSummary requestAll(
            List<? extends @Nullable String> pivots,
            RequestOptions options,
            Consumer<? super PartitionResult> results) {
        return requestAll(PartitionSet.fromPivots(pivots), options, results);
    }

    /**
     * Walks the partitions of a checkpoint that are not complete yet, and records each there once its pages are stored: {@code rows} (names),
     * {@code designDocuments} and {@code pages}. A page that this run has stored, before an interruption even, is not asked for again, however old it
     * is; one from before the run is, because the feed's sequence that the run began with does not cover it ({@link CacheMode#FORCE_CACHE} and
     * {@link CacheMode#ONLY_IF_CACHED} take it all the same).
     *
     * @param checkpoint with a header
     * @param results as in the call above; not called for partitions that were complete before
     * @param failures as in the call above; a partition that failed is tried again by the next call
     * @return partitions that were not complete as items
     * @throws IllegalStateException when the checkpoint has no header, or one of another origin
     */
    public RunSummary requestAll(
            PartitionCheckpoint checkpoint,
            RequestOptions options,
            Consumer<? super PartitionResult> results,
            BiConsumer<? super Partition, ? super RuntimeException> failures) {
        PartitionCheckpoint.Header header = header(checkpoint);
        Instant since = header.startedAt();
        Policy policy = new Policy(options.mode(), Optional.of(since));
        return new WalkRun(partition -> walk(partition, options, policy), concurrency, results, failures)
                .resume(checkpoint, header);
    }

    /**
     * As the call above, for one partition of the checkpoint, on the calling thread: for workers that share a set among them. Nothing is done when it is
     * complete.
     *
     * @param index of a partition of the header
     * @param results called with each page, in order
     * @throws IllegalStateException when the checkpoint has no header, or one of another origin
     * @throws IndexOutOfBoundsException when there is no such partition
     * @throws io.alldocs.cache.OperationInterruptedException when the calling thread is interrupted; its flag is set again
     * @throws RuntimeException what the walk met; recorded there unless it is about the origin or the store, and not about this partition
     */
    public void request(
            PartitionCheckpoint checkpoint,
            int index,
            RequestOptions options,
            Consumer<? super PartitionResult> results) {
        PartitionCheckpoint.Header header = header(checkpoint);
        Policy policy = new Policy(options.mode(), Optional.of(header.startedAt()));
        new WalkRun(partition -> walk(partition, options, policy), 1, results, (partition, failure) -> {})
                .resume(checkpoint, header, index);
    }

    private PartitionCheckpoint.Header header(PartitionCheckpoint checkpoint) {
        PartitionCheckpoint.Header header = checkpoint
                .header()
                .orElseThrow(() -> new IllegalStateException(
                        "The checkpoint has no header. Call recordPartitions with the plan first."));
        String part = Partition.all().key(origin()).origin();
        header.partitions().stream()
                .filter(key -> !key.origin().equals(part))
                .findFirst()
                .ifPresent(key -> {
                    throw new IllegalStateException("The checkpoint is about " + key.origin() + ", not about " + part
                            + ". Use another set name, or the origin it was made for.");
                });
        return header;
    }

    /** Same as {@link #rows(Partition, RequestOptions)} with {@link RequestOptions#DEFAULT}. */
    public PartitionRows rows(Partition partition) {
        return rows(partition, RequestOptions.DEFAULT);
    }

    /** Streams a partition of any size, in order; its pages are stored on the way as {@code requestAll} stores them. Nothing is asked before the first row is. */
    public PartitionRows rows(Partition partition, RequestOptions options) {
        return rows(List.of(partition), options);
    }

    /**
     * Streams partitions of any size, one after the other. With {@link CacheMode#ONLY_IF_CACHED} the origin is not asked: everything a finished walk
     * has stored is read back, in bounded memory.
     */
    public PartitionRows rows(Iterable<Partition> partitions, RequestOptions options) {
        Policy policy = new Policy(options.mode(), Optional.empty());
        return new PartitionRows(partitions.iterator(), partition -> walk(partition, options, policy));
    }

    /**
     * Streams what a checkpointed run has stored, in order and from the cache alone.
     *
     * @throws IllegalStateException when the checkpoint has no header, or one of another origin
     */
    public PartitionRows rows(PartitionCheckpoint checkpoint) {
        List<Partition> partitions =
                header(checkpoint).partitions().stream().map(Partition::of).toList();
        return rows(partitions, RequestOptions.of(CacheMode.ONLY_IF_CACHED));
    }

    private PageWalk walk(Partition partition, RequestOptions options, Policy policy) {
        return new PageWalk(allDocs, store, cache, partition, options, policy);
    }

    /** What the database says of itself; never from the cache. */
    public OriginInfo info() {
        return database.info();
    }

    /** The database's address as keys name it; npm's has no path. */
    public URI origin() {
        return database.origin();
    }

    /**
     * How many documents lie in each partition at the origin now, {@code _design/…} documents included, by one small request for each end: on a database
     * that counts, as npm's replica does, {@code offset(end) − offset(start)} is a partition's size. Nothing is stored. While names come and go, sizes
     * are off by a few.
     *
     * @return sizes in the order of {@code partitions}; empty when the probes do not agree with each other because the database does not count: walk
     *     the partitions then
     */
    public List<Long> sizes(PartitionSet partitions) {
        return new SizeProbes(this, partitions).sizes();
    }

    /** One row at or after {@code key}, for its offset. */
    PageScan probe(@Nullable String key) {
        try (Page page = allDocs.probe(key, RequestOptions.DEFAULT)) {
            return page.scan();
        }
    }

    int concurrency() {
        return concurrency;
    }

    /** Closes the cache and the HTTP client unless they were given to the builder. */
    @Override
    public void close() {
        try {
            if (closesHttp) {
                http.close();
            }
        } finally {
            if (closesCache) {
                cache.close();
            }
        }
    }

    /** Settings of a client. Not thread-safe. */
    public static final class Builder {
        private Env env = Env.system();
        private @Nullable Cache cache;
        private @Nullable BaseHttpClient http;
        private @Nullable URI origin;
        private @Nullable NpmConfig npmConfig;
        private int concurrency = 4;
        private int pageLimit = Database.MAX_PAGE;
        private Duration lifetime = Duration.ofHours(1);

        private Builder() {}

        /** Where what is not set here comes from: the cache's driver, {@code NPM_ORIGIN}, {@code NPM_TOKEN}. Default: the process environment. */
        public Builder env(Env env) {
            this.env = env;
            return this;
        }

        /** Shared, not closed by the client. Default: one made as the environment says. */
        public Builder cache(Cache cache) {
            this.cache = cache;
            return this;
        }

        /** Shared, not closed by the client. Default: one with the credentials of {@link #npmConfig} or the environment. */
        public Builder http(BaseHttpClient http) {
            this.http = http;
            return this;
        }

        /**
         * Address of the database, path included, such as {@code http://127.0.0.1:5984/registry}. Default: {@code NPM_ORIGIN} of the environment, else
         * {@code https://replicate.npmjs.com}, whose path {@code /registry} need not be given.
         *
         * @throws IllegalArgumentException from {@link #build()} when it is no http or https address, or carries a user, query or fragment
         */
        public Builder origin(URI origin) {
            this.origin = origin;
            return this;
        }

        /** Credentials, for a client that makes its own HTTP client. Default: {@code NPM_TOKEN} of the environment. */
        public Builder npmConfig(NpmConfig config) {
            this.npmConfig = config;
            return this;
        }

        /**
         * Partitions walked at the same time. Default 4: npm throttles eager clients, and pages of 10,000 rows need few requests.
         *
         * @throws IllegalArgumentException when less than 1
         */
        public Builder concurrency(int concurrency) {
            if (concurrency < 1) {
                throw new IllegalArgumentException("The concurrency must be at least 1, not " + concurrency + ".");
            }
            this.concurrency = concurrency;
            return this;
        }

        /**
         * Rows asked for per page. Default 10,000, npm's most. At least 2: a page begins with the last row of the one before.
         *
         * @throws IllegalArgumentException when outside 2 to 10,000
         */
        public Builder pageLimit(int rows) {
            if (rows < 2 || rows > Database.MAX_PAGE) {
                throw new IllegalArgumentException(
                        "The page limit must be 2 to " + Database.MAX_PAGE + " rows, not " + rows + ".");
            }
            this.pageLimit = rows;
            return this;
        }

        /**
         * How long an entry is fresh. Default 1 hour: the replica sends nothing to go by, and a few names change every second.
         *
         * @throws IllegalArgumentException when negative
         */
        public Builder lifetime(Duration lifetime) {
            if (lifetime.isNegative()) {
                throw new IllegalArgumentException("The lifetime must not be negative, but is " + lifetime + ".");
            }
            this.lifetime = lifetime;
            return this;
        }

        /** A client ready for use. */
        public PartitionClient build() {
            return new PartitionClient(this);
        }
    }
}
