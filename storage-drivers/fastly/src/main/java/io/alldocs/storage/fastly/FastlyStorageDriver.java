package io.alldocs.storage.fastly;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.run.BoundedRun;
import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyPages;
import io.alldocs.cache.spi.ParallelBatches;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.StoredForm;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A storage driver that keeps each value as an item of a Fastly KV store. The package description documents the format.
 * The driver name is {@code fastly}.
 *
 * <ul>
 * <li>{@link #put}, {@link #get}, {@link #has}, {@link #delete} and {@link #putIfAbsent} send one request each. So does
 * {@link #head}, unless the head was too large for metadata. {@link #putHead} sends two requests, and sends the body
 * again, because Fastly changes metadata only together with the value. Until a driver has seen an item of its store, an
 * absent key costs one more request, because the store itself may be missing.
 * <li>Any number of threads, drivers and machines may share a store. It is <a
 * href="https://www.fastly.com/documentation/guides/concepts/edge-state/data-stores/">eventually consistent</a>: for
 * some seconds after a write returned, a read may return the previous value. The store executes {@link #putIfAbsent}
 * atomically, even if several of them call it at the same time.
 * <li>Listing is lazy, with 1,000 keys per request, and in no guaranteed order. It includes all writes that returned
 * before it began. {@code startAfter} omits keys but saves no requests. Items whose names no driver creates are
 * skipped.
 * <li>Keys have at most 1,024 bytes of UTF-8 minus those of the key prefix, and fewer if they contain escaped
 * characters. Values have at most {@link Builder#maxValueBytes}.
 * <li>{@link #getBatch} and {@link #deleteBatch} send up to {@link Builder#concurrency} requests at a time;
 * {@link #putBatch} stores up to 100 values per request.
 * <li>Values up to 1 MiB are read into memory, larger values into a temporary file. For writes, a value is held in
 * memory while it is sent.
 * </ul>
 */
public final class FastlyStorageDriver implements StorageDriver {
    static final String NAME = "fastly";

    private static final int NO_CONTENT = 204;

    private final KeyNames names;
    private final int concurrency;
    private final Executor executor;
    private final DriverSupport support;
    private final ItemPaths paths;
    private final FastlyStore store;
    private final ItemReader reader;
    private final ItemWriter writer;
    private final BatchWriter batches;

    private FastlyStorageDriver(Builder builder) {
        this.names = ItemNames.under(builder.keyPrefix);
        this.concurrency = builder.concurrency;
        this.executor = builder.executor;
        StorageCapabilities capabilities = StorageCapabilities.builder()
                .maxKeyBytes(names.maxKeyBytes())
                .maxValueBytes(builder.maxValueBytes - StoredForm.overheadBytes())
                .conditionalPut(true)
                .maxBatch(BatchWriter.MAX_BATCH)
                .build();
        String location =
                "Fastly KV store " + builder.store + (names.prefix().isEmpty() ? "" : " under " + names.prefix());
        this.support = new DriverSupport(NAME, location, capabilities, names::of);
        this.paths = new ItemPaths("/resources/stores/kv/" + builder.store, support);
        FastlyApi api = builder.api();
        this.store = new FastlyStore(api, api.get(paths.store()), support, "the KV store");
        this.reader = new ItemReader(store, paths, builder.spoolDirectory);
        this.writer = new ItemWriter(store, paths, reader, builder.conflictDelay);
        this.batches = new BatchWriter(store, paths, writer);
    }

    /**
     * Returns a builder for a driver on the KV store with the id {@code store}, which must exist.
     *
     * @throws IllegalArgumentException if the id is not valid
     */
    public static Builder builder(String store) {
        return new Builder(store);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public StorageCapabilities capabilities() {
        return support.capabilities();
    }

    /** Returns {@link EntryFormat#JSON}, because the readers of such a store are edge workers. */
    @Override
    public EntryFormat preferredFormat() {
        return EntryFormat.JSON;
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        return reader.get(key).map(ItemReader.Item::entry);
    }

    @Override
    public Optional<EntryMetadata> head(String key) {
        return reader.head(key);
    }

    @Override
    public boolean has(String key) {
        return reader.look("look for", key).isPresent();
    }

    @Override
    public void put(String key, EntryMetadata head, Body body) {
        writer.put(key, head, body);
    }

    /**
     * Stores the item if it is absent. If the response to a request was lost, the stored item shows whether this write
     * created it. If the item is not visible yet, a retryable exception is thrown.
     */
    @Override
    public boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        return writer.putIfAbsent(key, head, body);
    }

    /**
     * Reads the value and writes it with the new head. Retries after a wait if the value is replaced meanwhile or a
     * read returned an older one: at most five times, within three seconds.
     */
    @Override
    public boolean putHead(String key, EntryMetadata head) {
        return writer.putHead(key, head);
    }

    @Override
    public void delete(String key) {
        ClientRequest call = store.api().delete(paths.of(key) + "?force=true").accepting(FastlyStore.NOT_FOUND);
        store.sendForItem("delete", key, call, FastlyStorageDriver::requireDeleted);
    }

    private static boolean requireDeleted(ClientResponse reply) throws IOException {
        FastlyApi.require(reply.status() == NO_CONTENT, "the status 204", reply);
        return true;
    }

    @Override
    public Map<String, StoredEntry> getBatch(Collection<String> keys) {
        support.requireAll(keys);
        return ParallelBatches.get(this, keys, concurrency, executor);
    }

    @Override
    public void deleteBatch(Collection<String> keys) {
        support.requireAll(keys);
        ParallelBatches.each(new LinkedHashSet<>(keys), concurrency, executor, this::delete);
    }

    @Override
    public void putBatch(Map<String, StoredEntry> entries) {
        batches.put(entries, concurrency, executor);
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        support.requireOpen();
        return KeyPages.stream(new ItemLister(store, paths, names, prefix, startAfter), false);
    }

    /**
     * Closes the driver, and the client if the builder created it. Idempotent. Bodies that were already read stay
     * readable.
     */
    @Override
    public void close() {
        if (support.close()) {
            store.api().close();
        }
    }

    /** Returns the name of the store, and the key prefix if there is one, for messages. */
    @Override
    public String toString() {
        return support.toString();
    }

    /** Options of a driver. Not thread-safe. */
    public static final class Builder extends ApiBuilder<Builder> {
        /** Maximum length of a prefix. It leaves room for keys of 512 bytes, the longest keys of real names. */
        private static final int MAX_PREFIX_BYTES = 500;

        /**
         * <a href="https://docs.fastly.com/en/guides/working-with-kv-stores#limitations-and-considerations">Limitations
         * and considerations</a>.
         */
        private static final long DEFAULT_MAX_VALUE_BYTES = 25_000_000;

        private static final long LARGEST_MAX_VALUE_BYTES = 100_000_000;
        private static final long SMALLEST_MAX_VALUE_BYTES = 1_100_000;

        private final String store;
        private String keyPrefix = "";
        private long maxValueBytes = DEFAULT_MAX_VALUE_BYTES;
        private int concurrency = 16;
        private Executor executor = BoundedRun.threadPerTask();
        private Duration conflictDelay = Duration.ofMillis(100);
        private Path spoolDirectory = Path.of(System.getProperty("java.io.tmpdir", "."));

        private Builder(String store) {
            super(NAME);
            this.store = requireId("KV store", store);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets the prefix of all item names, for example {@code npm/}. Default: empty.
         *
         * @throws IllegalArgumentException if the prefix has more than 500 bytes, begins with a dot, or has a dot next
         *     to a slash. Also if it contains characters other than letters, digits and {@code - . _ ~ : /}
         */
        public Builder keyPrefix(String keyPrefix) {
            if (keyPrefix.length() > MAX_PREFIX_BYTES || !ItemNames.isPrefix(keyPrefix)) {
                throw new IllegalArgumentException("The key prefix must have at"
                        + " most " + MAX_PREFIX_BYTES + " letters, digits and - . _ ~ : /, and no dot at its"
                        + " beginning or next to a slash, but is " + KeyNames.shown(keyPrefix) + ".");
            }
            this.keyPrefix = keyPrefix;
            return this;
        }

        /**
         * Sets the largest value that the account may store, including its head. Default: 25,000,000 bytes; Fastly
         * raises the limit to 100,000,000 upon request.
         *
         * @throws IllegalArgumentException unless 1,100,000 to 100,000,000
         */
        public Builder maxValueBytes(long bytes) {
            if (bytes < SMALLEST_MAX_VALUE_BYTES || bytes > LARGEST_MAX_VALUE_BYTES) {
                throw new IllegalArgumentException("maxValueBytes must be"
                        + " between " + SMALLEST_MAX_VALUE_BYTES + " and " + LARGEST_MAX_VALUE_BYTES + ", but"
                        + " is " + bytes + ".");
            }
            this.maxValueBytes = bytes;
            return this;
        }

        /**
         * Sets the maximum number of concurrent requests of one batch call. Default: 16.
         *
         * @throws IllegalArgumentException if {@code concurrency} is below 1
         */
        public Builder concurrency(int concurrency) {
            if (concurrency < 1) {
                throw new IllegalArgumentException(
                        "The concurrency of batches must be at least 1, but is " + concurrency + ".");
            }
            this.concurrency = concurrency;
            return this;
        }

        /** For tests. */
        Builder conflictDelay(Duration delay) {
            this.conflictDelay = delay;
            return this;
        }

        /**
         * Sets the executor of the requests of batch calls; the driver does not close it. It needs as many free threads
         * as {@link #concurrency}; with fewer, fewer requests run in parallel. A batch call must not wait on its only
         * thread. Default: a new daemon thread for each of the parallel requests.
         */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /** Sets the directory for values over 1 MiB while they are read. Default: {@code java.io.tmpdir}. */
        public Builder spoolDirectory(Path spoolDirectory) {
            this.spoolDirectory = Objects.requireNonNull(spoolDirectory, "spoolDirectory");
            return this;
        }

        /**
         * Creates the driver. Sends no requests.
         *
         * @throws IllegalArgumentException if there is no token
         */
        public FastlyStorageDriver build() {
            return new FastlyStorageDriver(this);
        }
    }
}
