package io.alldocs.partition;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.Loader;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.run.BoundedRun;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.partition.PageStore.Policy;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Fetches partitions of a database's {@code _all_docs} into a cache. A call returns the complete partition or fails.
 * Safe for concurrent use.
 *
 * <p>Every call that sends requests to the origin throws the following exceptions, unless it passes failures to a
 * callback:
 *
 * <ul>
 *   <li>{@link io.alldocs.http.RequestException} if no usable response was received. The credentials were refused,
 *   every attempt was throttled or failed, the status was unexpected, or the thread was interrupted. After an
 *   interrupt, its flag is set again
 *   <li>{@link OriginException} if the response is not that of a CouchDB database
 *   <li>{@link io.alldocs.cache.spi.StorageException} if the cache's store fails
 *   <li>{@link io.alldocs.cache.NotCachedException} if only the cache may be used and it does not contain the
 *       partition
 * </ul>
 *
 * <p>Each call for one partition as a whole has an asynchronous twin. Walks have none, because they run in parallel
 * themselves, and pass pages or rows to a consumer in order.
 *
 * <p>The origin may be npm's replica or any CouchDB-compatible server. Entries are fresh for
 * {@link PartitionClientBuilder#lifetime}, whatever the response headers say.
 */
public final class PartitionClient implements AutoCloseable {
    private final Cache cache;
    private final BaseHttpClient http;
    private final boolean closesCache;
    private final boolean closesHttp;
    private final int concurrency;
    private final @Nullable Executor executor;
    private final Database database;
    private final AllDocs allDocs;
    private final PageStore store;

    PartitionClient(PartitionClientBuilder builder) {
        closesCache = builder.cache == null;
        closesHttp = builder.http == null;
        cache = builder.cache != null
                ? builder.cache
                : Cache.builder().env(builder.env).build();
        http = builder.http != null ? builder.http : ClientParts.http(builder.env, builder.npmConfig);
        concurrency = builder.concurrency;
        executor = builder.executor;
        database = new Database(ClientParts.origin(builder.env, builder.origin), http, cache.receiver());
        allDocs = new AllDocs(database, builder.pageLimit);
        store = new PageStore(cache, database.origin(), builder.lifetime);
    }

    /** Returns a builder in which every option has a default. */
    public static PartitionClientBuilder builder() {
        return new PartitionClientBuilder();
    }

    /** Calls {@link #request(Partition, RequestOptions)} with {@link RequestOptions#DEFAULT}. */
    public CacheEntry request(Partition partition) {
        return request(partition, RequestOptions.DEFAULT);
    }

    /**
     * Returns the whole partition as one entry. Its {@code rows} are all documents of the range, including
     * {@code _design/…} documents.
     *
     * @throws PartitionTooLargeException if the partition does not fit on one page of at most 10,000 rows; nothing was
     *     stored
     */
    public CacheEntry request(Partition partition, RequestOptions options) {
        return cache.fetch(partition.key(origin()), options.mode(), stored -> load(partition, options));
    }

    /** Calls {@link #requestAsync(Partition, RequestOptions)} with {@link RequestOptions#DEFAULT}. */
    public CompletableFuture<CacheEntry> requestAsync(Partition partition) {
        return requestAsync(partition, RequestOptions.DEFAULT);
    }

    /**
     * Runs {@link #request(Partition, RequestOptions)} on the builder's executor, or else the cache's. The future fails
     * with the exception that the method throws.
     */
    public CompletableFuture<CacheEntry> requestAsync(Partition partition, RequestOptions options) {
        CacheKey key = partition.key(origin());
        CacheMode mode = options.mode();
        Loader loader = stored -> load(partition, options);
        return executor == null ? cache.fetchAsync(key, mode, loader) : cache.fetchAsync(key, mode, loader, executor);
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

    /**
     * Walks partitions like the method with a callback for failures. This method has no callback for failures: the
     * summary contains their number and the first 100 messages.
     */
    public RunSummary requestAll(
            Iterable<Partition> partitions, RequestOptions options, Consumer<? super PartitionResult> results) {
        return requestAll(partitions, options, results, (partition, failure) -> {});
    }

    /**
     * Walks partitions of any size, several in parallel. Each page becomes a partition with its own key range and
     * entry. A partition that fits on one page has its entry under its own key, where {@link #request(Partition)} finds
     * it. Pages that the mode allows to be served from the cache are not requested again. An interrupted walk therefore
     * resumes where it left off with {@link CacheMode#FORCE_CACHE}.
     *
     * @param partitions pulled as walks become free
     * @param results called with each page by one thread at a time, in order within a partition; a slow consumer slows
     *     down the walks. The run closes each page when {@code results} returns, so read its rows before that. An
     *     exception that it throws ends the run and is rethrown to the caller
     * @param failures called in the same way with a partition whose walk failed; the pages before the failure are
     *     stored
     * @return a summary that counts partitions as items, and pages by where they came from
     * @throws io.alldocs.http.AuthException if the origin refuses the credentials; no further partition is tried
     * @throws io.alldocs.OperationInterruptedException if the calling thread is interrupted; its interrupt flag
     *     is set again
     */
    public RunSummary requestAll(
            Iterable<Partition> partitions,
            RequestOptions options,
            Consumer<? super PartitionResult> results,
            BiConsumer<? super Partition, ? super RuntimeException> failures) {
        Policy policy = new Policy(options.mode(), Optional.empty());
        return new WalkRun(partition -> walk(partition, options, policy), concurrency, executor(), results, failures)
                .run(partitions);
    }

    /**
     * Walks all partitions into which {@code pivots} split the key space, like
     * {@link #requestAll(Iterable, RequestOptions, Consumer, BiConsumer)}. The summary contains the number of failures
     * and the first 100 messages.
     *
     * @param pivots as in {@link PartitionSet#fromPivots}
     * @throws IllegalArgumentException under the conditions of {@link PartitionSet#fromPivots}; nothing was requested
     */
    public RunSummary requestAll(
            List<? extends @Nullable String> pivots,
            RequestOptions options,
            Consumer<? super PartitionResult> results) {
        return requestAll(PartitionSet.fromPivots(pivots), options, results);
    }

    /**
     * Walks the partitions of a checkpoint that are not complete yet. After the pages of a partition are stored, it
     * records the partition as complete, with the details {@code rows} (names), {@code designDocuments} and
     * {@code pages}.
     *
     * <p>A page that this run has already stored, even before an interruption, is not requested again, whatever its
     * age. A page from before the run is requested again. Otherwise, changes between that page and the sequence
     * recorded at the start of the run would be missed. {@link CacheMode#FORCE_CACHE} and
     * {@link CacheMode#ONLY_IF_CACHED} use such a page nevertheless.
     *
     * @param checkpoint must have a header
     * @param results called as in {@link #requestAll(Iterable, RequestOptions, Consumer, BiConsumer)}, but not for
     *     partitions that were complete before
     * @param failures called as in that method; the next call retries a failed partition
     * @return a summary that counts the partitions that were not complete as items
     * @throws IllegalStateException if the checkpoint has no header, or one of another origin
     */
    public RunSummary requestAll(
            PartitionCheckpoint checkpoint,
            RequestOptions options,
            Consumer<? super PartitionResult> results,
            BiConsumer<? super Partition, ? super RuntimeException> failures) {
        PartitionCheckpoint.Header header = header(checkpoint);
        Instant since = header.startedAt();
        Policy policy = new Policy(options.mode(), Optional.of(since));
        return new WalkRun(partition -> walk(partition, options, policy), concurrency, executor(), results, failures)
                .resume(checkpoint, header);
    }

    /**
     * Walks one partition of a checkpoint on the calling thread, for workers that share a set of partitions. Does
     * nothing if the partition is complete.
     *
     * @param index index of a partition in the header
     * @param results called with each page, in order
     * @throws IllegalStateException if the checkpoint has no header, or one of another origin
     * @throws IndexOutOfBoundsException if there is no such partition
     * @throws io.alldocs.OperationInterruptedException if the calling thread is interrupted; its interrupt flag
     *     is set again
     * @throws RuntimeException if the walk fails; the failure is recorded in the checkpoint, unless it concerns the
     *     origin or the store and not this partition
     */
    public void request(
            PartitionCheckpoint checkpoint,
            int index,
            RequestOptions options,
            Consumer<? super PartitionResult> results) {
        PartitionCheckpoint.Header header = header(checkpoint);
        Policy policy = new Policy(options.mode(), Optional.of(header.startedAt()));
        new WalkRun(
                        partition -> walk(partition, options, policy),
                        1,
                        Runnable::run,
                        results,
                        (partition, failure) -> {})
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
                    throw new IllegalStateException("The checkpoint belongs to the origin " + key.origin() + ", not"
                            + " to " + part + ". Use another set name, or the checkpoint's origin.");
                });
        return header;
    }

    /** Calls {@link #rows(Partition, RequestOptions)} with {@link RequestOptions#DEFAULT}. */
    public PartitionRows rows(Partition partition) {
        return rows(partition, RequestOptions.DEFAULT);
    }

    /**
     * Streams the rows of a partition of any size, in order. Pages are stored along the way, as with
     * {@code requestAll}. No request is sent before the first row is read.
     */
    public PartitionRows rows(Partition partition, RequestOptions options) {
        return rows(List.of(partition), options);
    }

    /**
     * Streams the rows of partitions of any size, one partition after the other. With {@link CacheMode#ONLY_IF_CACHED},
     * no requests are sent to the origin. The rows that a finished walk has stored are read from the cache, in bounded
     * memory.
     */
    public PartitionRows rows(Iterable<Partition> partitions, RequestOptions options) {
        Policy policy = new Policy(options.mode(), Optional.empty());
        return new PartitionRows(partitions.iterator(), partition -> walk(partition, options, policy));
    }

    /**
     * Streams the rows that a checkpointed run has stored, in order, from the cache alone.
     *
     * @throws IllegalStateException if the checkpoint has no header, or one of another origin
     */
    public PartitionRows rows(PartitionCheckpoint checkpoint) {
        List<Partition> partitions =
                header(checkpoint).partitions().stream().map(Partition::of).toList();
        return rows(partitions, RequestOptions.of(CacheMode.ONLY_IF_CACHED));
    }

    private PageWalk walk(Partition partition, RequestOptions options, Policy policy) {
        return new PageWalk(allDocs, store, cache, partition, options, policy);
    }

    /** Returns the database's information about itself, which is never cached. */
    public OriginInfo info() {
        return database.info();
    }

    /** Returns the database's URL as written in keys; npm's has no path. */
    public URI origin() {
        return database.origin();
    }

    /**
     * Returns how many documents each partition contains at the origin now, including {@code _design/…} documents.
     * Sends one small request per partition boundary. On a database that counts, such as npm's replica,
     * {@code offset(end) − offset(start)} is the size of a partition. Nothing is stored. If documents are added or
     * deleted during the call, sizes may be off by a few.
     *
     * @return sizes in the order of {@code partitions}; empty if the results of the probes are inconsistent because the
     *     database does not count. Walk the partitions in that case
     */
    public List<Long> sizes(PartitionSet partitions) {
        return new SizeProbes(this, partitions).sizes();
    }

    /** Returns one row at or after {@code key}, for its offset. */
    PageScan probe(@Nullable String key) {
        try (Page page = allDocs.probe(key, RequestOptions.DEFAULT)) {
            return page.scan();
        }
    }

    int concurrency() {
        return concurrency;
    }

    /** Returns the executor of one run. */
    Executor executor() {
        return executor == null ? BoundedRun.threadPerTask() : executor;
    }

    /** Closes the cache and the HTTP client, unless they were passed to the builder. */
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
}
