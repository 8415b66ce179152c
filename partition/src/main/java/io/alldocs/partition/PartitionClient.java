package io.alldocs.partition;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.Env;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.RunSummary;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Fetches partitions of {@code _all_docs} into a cache. Safe for concurrent use. */
public final class PartitionClient implements AutoCloseable {
    private PartitionClient() {}

    /** A builder with defaults. */
    public static Builder builder() {
        throw new AssertionError("skeleton");
    }

    /** Same as {@code request(partition, RequestOptions.DEFAULT)}. */
    public CacheEntry request(Partition partition) {
        return request(partition, RequestOptions.DEFAULT);
    }

    /** The whole partition as one entry. @throws PartitionTooLargeException when it does not fit one page */
    public CacheEntry request(Partition partition, RequestOptions options) {
        throw new AssertionError("skeleton");
    }

    /** {@link #request(Partition)} in the background. */
    public CompletableFuture<CacheEntry> requestAsync(Partition partition) {
        return requestAsync(partition, RequestOptions.DEFAULT);
    }

    /** {@link #request(Partition, RequestOptions)} in the background. */
    public CompletableFuture<CacheEntry> requestAsync(Partition partition, RequestOptions options) {
        throw new AssertionError("skeleton");
    }

    /** Walks partitions of any size; each page is stored as a partition of its own. Failures are in the summary only. */
    public RunSummary requestAll(Iterable<Partition> partitions, RequestOptions options, Consumer<? super PartitionResult> results) {
        return requestAll(partitions, options, results, (partition, failure) -> {});
    }

    /** Walks partitions of any size; each page is stored as a partition of its own. */
    public RunSummary requestAll(
            Iterable<Partition> partitions,
            RequestOptions options,
            Consumer<? super PartitionResult> results,
            BiConsumer<? super Partition, ? super RuntimeException> failures) {
        throw new AssertionError("skeleton");
    }

    /** Walks what a checkpoint still lacks, and records it there: what this run has stored is never asked for again. */
    public RunSummary requestAll(
            PartitionCheckpoint checkpoint,
            RequestOptions options,
            Consumer<? super PartitionResult> results,
            BiConsumer<? super Partition, ? super RuntimeException> failures) {
        throw new AssertionError("skeleton");
    }

    /** Same as {@code rows(partition, RequestOptions.DEFAULT)}. */
    public PartitionRows rows(Partition partition) {
        return rows(partition, RequestOptions.DEFAULT);
    }

    /** Streams a partition of any size. */
    public PartitionRows rows(Partition partition, RequestOptions options) {
        throw new AssertionError("skeleton");
    }

    /** Streams partitions of any size one after the other; with CacheMode.ONLY_IF_CACHED from the cache alone. */
    public PartitionRows rows(Iterable<Partition> partitions, RequestOptions options) {
        throw new AssertionError("skeleton");
    }

    /** Streams, from the cache alone, everything a finished checkpointed run has stored, in order. */
    public PartitionRows rows(PartitionCheckpoint checkpoint) {
        throw new AssertionError("skeleton");
    }

    /** What the database says of itself. */
    public OriginInfo info() {
        throw new AssertionError("skeleton");
    }

    /** The address of the database as used in keys. */
    public URI origin() {
        throw new AssertionError("skeleton");
    }

    @Override
    public void close() {}

    /** Builder. */
    public static final class Builder {
        private Builder() {}

        /** Environment: cache driver, NPM_ORIGIN, NPM_TOKEN. */
        public Builder env(Env env) {
            throw new AssertionError("skeleton");
        }

        /** Shared, not closed. */
        public Builder cache(Cache cache) {
            throw new AssertionError("skeleton");
        }

        /** Shared, not closed. */
        public Builder http(BaseHttpClient http) {
            throw new AssertionError("skeleton");
        }

        /** Database address. Default https://replicate.npmjs.com. */
        public Builder origin(URI origin) {
            throw new AssertionError("skeleton");
        }

        /** Credentials. */
        public Builder npmConfig(NpmConfig config) {
            throw new AssertionError("skeleton");
        }

        /** Partitions walked at the same time. Default 4. */
        public Builder concurrency(int concurrency) {
            throw new AssertionError("skeleton");
        }

        /** Rows asked per page, 1 to 10,000. Default 10,000. */
        public Builder pageLimit(int rows) {
            throw new AssertionError("skeleton");
        }

        /** How long entries are fresh. Default 1 hour. */
        public Builder lifetime(Duration lifetime) {
            throw new AssertionError("skeleton");
        }

        /** Builds. */
        public PartitionClient build() {
            throw new AssertionError("skeleton");
        }
    }
}
