package io.alldocs.storage.gcs;

import com.google.auth.Credentials;
import com.google.cloud.storage.HttpStorageOptions;
import com.google.cloud.storage.Storage;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.run.BoundedRun;
import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyPages;
import io.alldocs.cache.spi.ParallelBatches;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.StoredForm;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A storage driver that keeps each value as an object in a Google Cloud Storage bucket. The package description
 * documents the format. The driver name is {@code gcs}.
 *
 * <ul>
 * <li>{@link #put}, {@link #get}, {@link #head}, {@link #has} and {@link #delete} send one request each. So does
 * {@link #putIfAbsent}, unless the object exists. {@link #putHead} sends two. Bodies over 8 MiB are sent in parts of 2
 * MiB; a head too large for metadata costs one more request. Until a driver has seen an object in its bucket, each
 * absent key costs one more request, because the bucket itself may be missing.
 * <li>Any number of threads, drivers and machines may share a bucket. A read sees every write that returned before it,
 * as <a href="https://cloud.google.com/storage/docs/consistency">Google guarantees</a>, and {@link #putIfAbsent} is
 * atomic among all of them.
 * <li>Listing is lazy, in {@code KeyOrder.UTF8}, with 1,000 keys per request. It skips objects that no driver wrote.
 * <li>Keys have at most 1,019 bytes of UTF-8 minus those of the key prefix, and fewer if they contain escaped
 * characters. Values have at most 5 TiB.
 * <li>{@link #getBatch} and {@link #putBatch} send up to {@link Builder#concurrency} requests at a time;
 * {@link #deleteBatch} deletes 100 keys per request.
 * <li>Bodies up to 1 MiB are read into memory, larger bodies into a temporary file. For uploads, bodies up to 8 MiB are
 * held in memory, and larger bodies are streamed.
 * </ul>
 */
public final class GcsStorageDriver implements StorageDriver {
    private static final String NAME = "gcs";

    /** <a href="https://cloud.google.com/storage/quotas#objects">Quotas and limits</a>. */
    private static final long MAX_OBJECT_BYTES = 5L << 40;

    private final boolean ownClient;
    private final KeyNames names;
    private final int concurrency;
    private final Executor executor;
    private final DriverSupport support;
    private final Bucket bucket;
    private final ObjectReader reader;
    private final ObjectWriter writer;
    private final ObjectDeleter deleter;

    private GcsStorageDriver(Builder builder, Storage client, boolean ownClient) {
        this.ownClient = ownClient;
        this.names = ObjectNames.under(builder.keyPrefix);
        this.concurrency = builder.concurrency;
        this.executor = builder.executor;
        StorageCapabilities capabilities = StorageCapabilities.builder()
                .orderedListing(true)
                .maxKeyBytes(names.maxKeyBytes())
                .maxValueBytes(MAX_OBJECT_BYTES - StoredForm.overheadBytes())
                .readAfterWrite(true)
                .conditionalPut(true)
                .maxBatch(ObjectDeleter.MAX_BATCH)
                .build();
        this.support =
                new DriverSupport(NAME, "gs://" + builder.bucket + "/" + names.prefix(), capabilities, names::of);
        this.bucket = new Bucket(client, builder.bucket, support);
        this.reader = new ObjectReader(bucket, builder.spoolDirectory);
        this.writer = new ObjectWriter(bucket, reader);
        this.deleter = new ObjectDeleter(bucket);
    }

    /**
     * Returns a builder for a driver on {@code bucket}, which must exist.
     *
     * @throws IllegalArgumentException if the bucket name is blank
     */
    public static Builder builder(String bucket) {
        return new Builder(bucket);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public StorageCapabilities capabilities() {
        return support.capabilities();
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        return reader.get(key).map(ObjectReader.Version::entry);
    }

    @Override
    public Optional<EntryMetadata> head(String key) {
        return reader.head(key);
    }

    @Override
    public boolean has(String key) {
        return bucket.look("look for", key).isPresent();
    }

    @Override
    public void put(String key, EntryMetadata head, Body body) {
        writer.put(key, head, body);
    }

    /**
     * Stores the object if it is absent. If an object exists, its metadata shows whether this write created it, because
     * the response to an earlier attempt may have been lost.
     */
    @Override
    public boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        return writer.putIfAbsent(key, head, body);
    }

    /**
     * Changes only the metadata. If the object is replaced meanwhile, the metadata of the new object is changed only if
     * it has the same body.
     */
    @Override
    public boolean putHead(String key, EntryMetadata head) {
        return writer.putHead(key, head);
    }

    @Override
    public void delete(String key) {
        deleter.delete(key);
    }

    @Override
    public Map<String, StoredEntry> getBatch(Collection<String> keys) {
        support.requireAll(keys);
        return ParallelBatches.get(this, keys, concurrency, executor);
    }

    @Override
    public void putBatch(Map<String, StoredEntry> entries) {
        support.requireAll(entries);
        ParallelBatches.put(this, entries, concurrency, executor);
    }

    @Override
    public void deleteBatch(Collection<String> keys) {
        deleter.deleteAll(keys);
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        support.requireOpen();
        return KeyPages.ordered(names, prefix, startAfter, new ObjectLister(bucket, names, prefix));
    }

    /**
     * Closes the driver, and the client if the builder created it. Idempotent. Bodies that were already read stay
     * readable.
     */
    @Override
    public void close() {
        if (support.close() && ownClient) {
            closeClient();
        }
    }

    private void closeClient() {
        try {
            bucket.client().close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw support.failure("close the client of " + this, "the thread was interrupted", true, e);
        } catch (Exception e) {
            throw new StorageException("Cannot close the client of " + this + ": " + e.getMessage(), false, e);
        }
    }

    @Override
    public String toString() {
        return support.toString();
    }

    /** Options of a driver. Not thread-safe. */
    public static final class Builder {
        /** Maximum length of a prefix. It leaves room for keys of 512 bytes, the longest keys of real names. */
        private static final int MAX_PREFIX_BYTES = 500;

        private final String bucket;
        private String keyPrefix = "";
        private int concurrency = 16;
        private Executor executor = BoundedRun.threadPerTask();
        private Path spoolDirectory = Path.of(System.getProperty("java.io.tmpdir", "."));
        private final ClientOptions own = new ClientOptions();
        private @Nullable Storage client;

        private Builder(String bucket) {
            if (bucket.isBlank()) {
                throw new IllegalArgumentException("The name of the bucket must not be blank");
            }
            this.bucket = bucket;
        }

        /**
         * Sets the client to use. It stays open when the driver is closed. Its own retry settings apply, and the
         * builder's client options are ignored. To retry unconditional writes, the client needs
         * {@code StorageRetryStrategy.getUniformStorageRetryStrategy()}.
         *
         * @throws IllegalArgumentException if it is a gRPC client
         */
        public Builder client(Storage client) {
            if (!(client.getOptions() instanceof HttpStorageOptions)) {
                throw new IllegalArgumentException("The client must use JSON over HTTP (StorageOptions.http()), but"
                        + " its options are " + client.getOptions().getClass().getSimpleName() + ".");
            }
            this.client = client;
            return this;
        }

        /**
         * Sets the prefix of all object names, for example {@code npm/}. Default: empty.
         *
         * @throws IllegalArgumentException if the prefix has more than 500 bytes of UTF-8, begins with a slash,
         *     contains a line break or is not valid Unicode
         */
        public Builder keyPrefix(String keyPrefix) {
            KeyNames.requireUnicode(keyPrefix);
            boolean brokenLine = keyPrefix.indexOf('\n') >= 0 || keyPrefix.indexOf('\r') >= 0;
            if (KeyNames.utf8Length(keyPrefix) > MAX_PREFIX_BYTES || keyPrefix.startsWith("/") || brokenLine) {
                throw new IllegalArgumentException("The key prefix must have at most " + MAX_PREFIX_BYTES + " bytes,"
                        + " no line break and no slash at its beginning, but is " + KeyNames.shown(keyPrefix) + ".");
            }
            this.keyPrefix = keyPrefix;
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

        /**
         * Sets the executor of the requests of batch calls; the driver does not close it. It needs as many free threads
         * as {@link #concurrency}; with fewer, fewer requests run in parallel. A batch call must not wait on its only
         * thread. Default: a new daemon thread for each of the parallel requests.
         */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /** Sets the directory for bodies over 1 MiB while they are read. Default: {@code java.io.tmpdir}. */
        public Builder spoolDirectory(Path spoolDirectory) {
            this.spoolDirectory = Objects.requireNonNull(spoolDirectory, "spoolDirectory");
            return this;
        }

        /**
         * Sets the address of the service, for private endpoints and emulators. Default:
         * {@code https://storage.googleapis.com}.
         */
        public Builder endpoint(URI endpoint) {
            own.endpoint = Objects.requireNonNull(endpoint, "endpoint");
            return this;
        }

        /**
         * Sets the credentials. Default: Google's application default credentials
         * ({@code GOOGLE_APPLICATION_CREDENTIALS}, those of gcloud, the machine's service account), which are looked up
         * when the driver is built.
         */
        public Builder credentials(Credentials credentials) {
            own.credentials = Objects.requireNonNull(credentials, "credentials");
            return this;
        }

        /** Sends requests without credentials, for emulators and publicly writable buckets. */
        public Builder noCredentials() {
            return credentials(ClientOptions.none());
        }

        /**
         * Sets the maximum number of attempts per request, including the first. Default: 6, as in the SDK.
         *
         * @throws IllegalArgumentException if {@code maxAttempts} is below 1
         */
        public Builder maxAttempts(int maxAttempts) {
            if (maxAttempts < 1) {
                throw new IllegalArgumentException("maxAttempts must be at least 1, but is " + maxAttempts + ".");
            }
            own.maxAttempts = maxAttempts;
            return this;
        }

        /** For tests. */
        Builder firstRetryDelay(Duration delay) {
            own.firstRetryDelay = delay;
            return this;
        }

        /**
         * Creates the driver. Sends no requests to the store, but may request credentials from the machine's metadata
         * server.
         *
         * @throws IllegalArgumentException if no credentials are found, or the endpoint is invalid
         */
        public GcsStorageDriver build() {
            return client == null
                    ? new GcsStorageDriver(this, own.client(), true)
                    : new GcsStorageDriver(this, client, false);
        }
    }
}
