package io.alldocs.storage.s3;

import io.alldocs.cache.body.Body;
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
import java.net.URI;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A storage driver that keeps each value as an object in a bucket. The package description documents the format. The
 * driver name is {@code s3}.
 *
 * <ul>
 * <li>{@link #put}, {@link #putIfAbsent}, {@link #get}, {@link #has} and {@link #delete} send one request each. So does
 * {@link #head}, unless the head was too large for metadata. {@link #putHead} sends two: the store copies the object
 * onto itself.
 * <li>Any number of threads, drivers and machines may share a bucket. A read sees every write that returned before it,
 * as <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel">S3 guarantees</a>,
 * and {@link #putIfAbsent} is atomic among all of them. An S3-compatible store must guarantee both too.
 * <li>Listing is lazy, in {@code KeyOrder.UTF8}, with 1,000 keys per request. It skips objects that no driver wrote.
 * <li>Keys have at most 1,018 bytes of UTF-8 minus those of the key prefix, and fewer if they contain escaped
 * characters. Values have at most 5 GiB, the limit of S3 for one request.
 * <li>{@link #getBatch} and {@link #putBatch} send up to {@link Builder#concurrency} requests at a time;
 * {@link #deleteBatch} deletes 1,000 keys per request.
 * <li>Bodies up to 1 MiB are read into memory, larger bodies into a temporary file. Uploaded bodies are streamed.
 * </ul>
 */
public final class S3StorageDriver implements StorageDriver {
    private static final String NAME = "s3";

    /** The limit of one PUT: <a href="https://docs.aws.amazon.com/general/latest/gr/s3.html">S3 quotas</a>. */
    private static final long MAX_OBJECT_BYTES = 5L << 30;

    private final boolean ownClient;
    private final KeyNames names;
    private final int concurrency;
    private final Executor executor;
    private final DriverSupport support;
    private final Bucket bucket;
    private final ObjectReader reader;
    private final ObjectWriter writer;
    private final ObjectDeleter deleter;

    private S3StorageDriver(Builder builder, S3Client client, boolean ownClient) {
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
                new DriverSupport(NAME, "s3://" + builder.bucket + "/" + names.prefix(), capabilities, names::of);
        this.bucket = new Bucket(client, builder.bucket, support);
        this.reader = new ObjectReader(bucket, builder.spoolDirectory);
        this.writer = new ObjectWriter(bucket, reader);
        this.deleter = new ObjectDeleter(bucket, names);
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
        return reader.get(key);
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
     * Stores the object if it is absent. After a conflict with a concurrent write it sends the request again, at most
     * five times. If the response to a request was lost, it compares the stored object with this value.
     */
    @Override
    public boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        return writer.putIfAbsent(key, head, body);
    }

    /**
     * Copies the object onto itself within the store, with the new head. Reads the object again if it changes
     * meanwhile.
     */
    @Override
    public boolean putHead(String key, EntryMetadata head) {
        return writer.putHead(key, head).orElseGet(() -> StorageDriver.super.putHead(key, head));
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
        return KeyPages.ordered(names, prefix, startAfter, new ObjectLister(bucket, prefix));
    }

    /**
     * Closes the driver, and the client if the builder created it. Idempotent. Bodies that were already read stay
     * readable.
     */
    @Override
    public void close() {
        if (support.close() && ownClient) {
            bucket.client().close();
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
        private @Nullable S3Client client;

        private Builder(String bucket) {
            if (bucket.isBlank()) {
                throw new IllegalArgumentException("The name of the bucket must not be blank");
            }
            this.bucket = bucket;
        }

        /**
         * Sets the client to use. It stays open when the driver is closed. Its own retries and checksums apply, and the
         * builder's client options are ignored.
         */
        public Builder client(S3Client client) {
            this.client = Objects.requireNonNull(client, "client");
            return this;
        }

        /**
         * Sets the prefix of all object names, for example {@code npm/}. Default: empty.
         *
         * @throws IllegalArgumentException if the prefix has more than 500 bytes of UTF-8, begins with a slash or is
         *     not valid Unicode
         */
        public Builder keyPrefix(String keyPrefix) {
            KeyNames.requireUnicode(keyPrefix);
            if (KeyNames.utf8Length(keyPrefix) > MAX_PREFIX_BYTES || keyPrefix.startsWith("/")) {
                throw new IllegalArgumentException("The key prefix must have at most " + MAX_PREFIX_BYTES + " bytes"
                        + " and no slash at its beginning, but is " + KeyNames.shown(keyPrefix) + ".");
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

        /** Sets the address of the service, for stores other than Amazon's. Default: the address of the region. */
        public Builder endpoint(URI endpoint) {
            own.endpoint = Objects.requireNonNull(endpoint, "endpoint");
            return this;
        }

        /**
         * Sets the region. Default: the region that the SDK finds (environment, profile, instance), or
         * {@code us-east-1} with a custom endpoint.
         */
        public Builder region(String region) {
            own.region = Objects.requireNonNull(region, "region");
            return this;
        }

        /**
         * Sets whether requests name the bucket in the path rather than in the host name. Default: true with a custom
         * endpoint, else false.
         */
        public Builder pathStyle(boolean pathStyle) {
            own.pathStyle = pathStyle;
            return this;
        }

        /**
         * Sets the credentials. Default: the SDK's chain (environment, profile, container, instance). The caller closes
         * the provider.
         */
        public Builder credentials(AwsCredentialsProvider credentials) {
            own.credentials = Objects.requireNonNull(credentials, "credentials");
            return this;
        }

        /**
         * Sets the maximum number of attempts per request, including the first. Default: 3, as in the SDK.
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

        /**
         * Creates the driver. Sends no requests.
         *
         * @throws IllegalArgumentException if there is no region, or the region or endpoint is invalid
         */
        public S3StorageDriver build() {
            return client == null
                    ? new S3StorageDriver(this, own.client(), true)
                    : new S3StorageDriver(this, client, false);
        }
    }
}
