package io.alldocs.storage.gcs;

import com.google.auth.Credentials;
import com.google.cloud.BaseServiceException;
import com.google.cloud.storage.Blob;
import com.google.cloud.storage.BlobId;
import com.google.cloud.storage.HttpStorageOptions;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.Storage.BlobField;
import com.google.cloud.storage.Storage.BlobGetOption;
import com.google.cloud.storage.Storage.BlobListOption;
import com.google.cloud.storage.Storage.BlobTargetOption;
import com.google.cloud.storage.StorageBatch;
import com.google.cloud.storage.StorageBatchResult;
import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.IntegrityException;
import io.alldocs.cache.KeyOrder;
import io.alldocs.cache.StorageException;
import io.alldocs.cache.ValueTooLargeException;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyPages;
import io.alldocs.cache.spi.ParallelBatches;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.StoredForm;
import io.alldocs.storage.gcs.Downloads.Download;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
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
    /** <a href="https://cloud.google.com/storage/quotas#objects">Quotas and limits</a>. */
    private static final long MAX_OBJECT_BYTES = 5L << 40;

    /** Maximum size of a batch request: <a href="https://cloud.google.com/storage/docs/batch">Batch requests</a>. */
    private static final int MAX_BATCH = 100;

    /**
     * Maximum size of a page of a listing: <a
     * href="https://cloud.google.com/storage/docs/json_api/v1/objects/list">Objects: list</a>.
     */
    private static final int MAX_PAGE = 1000;

    /** Maximum number of times an object is read again because it was replaced during the read. */
    private static final int CONFLICTS = 5;

    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;

    private final Storage client;
    private final boolean ownClient;
    private final String bucket;
    private final KeyNames names;
    private final int concurrency;
    private final Downloads downloads;
    private final StorageCapabilities capabilities;
    private volatile boolean bucketSeen;
    private volatile boolean closed;
    private final ReentrantLock closing = new ReentrantLock();

    private GcsStorageDriver(Builder builder, Storage client, boolean ownClient) {
        this.client = client;
        this.ownClient = ownClient;
        this.bucket = builder.bucket;
        this.names = ObjectNames.under(builder.keyPrefix);
        this.concurrency = builder.concurrency;
        this.downloads = new Downloads(client.getOptions(), builder.spoolDirectory);
        this.capabilities = new StorageCapabilities(
                true, names.maxKeyBytes(), MAX_OBJECT_BYTES - StoredForm.overheadBytes(), true, true, true, MAX_BATCH);
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
        return "gcs";
    }

    @Override
    public StorageCapabilities capabilities() {
        return capabilities;
    }

    // ---- reading

    @Override
    public Optional<StoredEntry> get(String key) {
        return read(key).map(Version::entry);
    }

    /** An entry and the generation of its object. */
    private record Version(StoredEntry entry, long generation) {}

    private Optional<Version> read(String key) {
        String name = nameOf(key);
        for (int changes = 0; changes <= CONFLICTS; changes++) {
            Optional<Download> download = attempt("read", key, () -> downloads.whole(bucket, name));
            if (download.isEmpty()) {
                requireBucket("read", key);
                return Optional.empty();
            }
            bucketSeen = true;
            Optional<Version> version = version(key, download.get());
            if (version.isPresent()) {
                return version;
            }
        }
        throw new StorageException(
                "Cannot " + described("read", key) + " (driver gcs): it was replaced at each of " + (CONFLICTS + 1)
                        + " attempts, or the answers have no generation; try again",
                true,
                null);
    }

    /** Returns the entry of a download; empty if the object was replaced before its metadata could be read. */
    private Optional<Version> version(String key, Download download) {
        Body bytes = download.bytes();
        try {
            long generation = download.generation();
            if (download.head() != null && generation != 0) {
                return Optional.of(new Version(new StoredEntry(EntryHead.parse(download.head()), bytes), generation));
            }
            Optional<Blob> found = look("read", key);
            if (found.isEmpty() || found.get().getGeneration() != generation) {
                bytes.close();
                return Optional.empty();
            }
            Optional<String> json = Heads.json(found.get().getMetadata());
            StoredEntry entry = json.isPresent()
                    ? new StoredEntry(EntryHead.parse(json.get()), bytes)
                    : StoredForm.split(bytes, updated(found.get()));
            return Optional.of(new Version(entry, generation));
        } catch (IntegrityException e) {
            bytes.close();
            throw damaged(key, e);
        } catch (IOException e) {
            bytes.close();
            throw new StorageException("Cannot " + described("read", key) + ": " + e.getMessage(), true, e);
        } catch (StorageException e) {
            bytes.close();
            throw e;
        }
    }

    private IntegrityException damaged(String key, IntegrityException cause) {
        return new IntegrityException(
                "What is stored under " + KeyNames.shown(key) + " in " + this + " is no entry: " + cause.getMessage(),
                cause);
    }

    private static Instant updated(Blob object) {
        OffsetDateTime time = object.getUpdateTimeOffsetDateTime();
        return time == null ? Instant.EPOCH : time.toInstant();
    }

    @Override
    public Optional<EntryHead> head(String key) {
        Optional<Blob> found = look("read the head of", key);
        try {
            return found.flatMap(object ->
                    Heads.json(object.getMetadata()).map(EntryHead::parse).or(() -> headBeforeBody(key, object)));
        } catch (IntegrityException e) {
            throw damaged(key, e);
        }
    }

    /** Reads a head that was too large for metadata, or derives one for an object that another program wrote. */
    private Optional<EntryHead> headBeforeBody(String key, Blob object) {
        return attempt(
                "read the head of",
                key,
                () -> downloads.headBeforeBody(bucket, object.getName(), object.getSize(), updated(object)));
    }

    @Override
    public boolean has(String key) {
        return look("look for", key).isPresent();
    }

    private Optional<Blob> look(String verb, String key) {
        String name = nameOf(key);
        Optional<Blob> found = attempt(
                verb,
                key,
                () -> Optional.ofNullable(client.get(
                        BlobId.of(bucket, name),
                        BlobGetOption.fields(
                                BlobField.GENERATION,
                                BlobField.METAGENERATION,
                                BlobField.METADATA,
                                BlobField.SIZE,
                                BlobField.UPDATED))));
        if (found.isPresent()) {
            bucketSeen = true;
        } else {
            requireBucket(verb, key);
        }
        return found;
    }

    /**
     * Checks that the bucket exists. A 404 response for an object does not say whether the object or the bucket is
     * missing.
     */
    private void requireBucket(String verb, String key) {
        if (!bucketSeen) {
            attempt(verb, key, () -> client.list(bucket, BlobListOption.pageSize(1), onlyNames()));
            bucketSeen = true;
        }
    }

    private static BlobListOption onlyNames() {
        return BlobListOption.fields(BlobField.NAME);
    }

    // ---- writing

    @Override
    public void put(String key, EntryHead head, Body body) {
        check(key, head, body);
        store(key, head, body, null, null);
    }

    /**
     * Stores the object if it is absent. If an object exists, its metadata shows whether this write created it, because
     * the response to an earlier attempt may have been lost.
     */
    @Override
    public boolean putIfAbsent(String key, EntryHead head, Body body) {
        check(key, head, body);
        String write = UUID.randomUUID().toString();
        try {
            store(key, head, body, 0L, write);
            return true;
        } catch (StorageException e) {
            if (status(e) != PRECONDITION_FAILED) {
                throw e;
            }
            return look("store", key)
                    .map(Blob::getMetadata)
                    .filter(metadata -> write.equals(metadata.get(Heads.WRITE)))
                    .isPresent();
        }
    }

    private static int status(StorageException e) {
        return e.getCause() instanceof BaseServiceException answer ? answer.getCode() : 0;
    }

    private void check(String key, EntryHead head, Body body) {
        capabilities.requireEntry(key, head, body);
        if (head.sizeBytes() != body.sizeBytes()) {
            throw new IllegalArgumentException("The head describes a body of " + head.sizeBytes()
                    + " bytes, and the body has " + body.sizeBytes());
        }
    }

    private void store(String key, EntryHead head, Body body, @Nullable Long generation, @Nullable String write) {
        BlobId id = BlobId.of(bucket, nameOf(key));
        requireOpen();
        Upload upload;
        try {
            upload = Upload.of(id, head, body, write);
        } catch (IOException e) {
            throw Failures.unreadable(described("store", key), e);
        }
        attempt("store", key, () -> {
            upload.send(client, generation);
            return upload;
        });
        bucketSeen = true;
    }

    /**
     * Changes only the metadata. If the object is replaced meanwhile, the metadata of the new object is changed,
     * provided that it has the same body.
     */
    @Override
    public boolean putHead(String key, EntryHead head) {
        String value = Heads.value(head);
        for (int conflicts = 0; ; conflicts++) {
            try {
                Optional<Blob> found = look("store the head of", key);
                if (found.isEmpty()) {
                    return false;
                }
                Optional<String> stored = Heads.json(found.get().getMetadata());
                if (value == null || stored.isEmpty()) {
                    return rewrite(key, head);
                }
                if (!EntryHead.parse(stored.get()).isOfSameBody(head)) {
                    return false;
                }
                replaceMetadata(key, head, value, found.get());
                return true;
            } catch (IntegrityException e) {
                throw damaged(key, e);
            } catch (StorageException e) {
                boolean changed = status(e) == PRECONDITION_FAILED || status(e) == NOT_FOUND;
                if (!changed || conflicts == CONFLICTS) {
                    throw e;
                }
            }
        }
    }

    private void replaceMetadata(String key, EntryHead head, String value, Blob found) {
        Map<String, String> metadata = new HashMap<>(Objects.requireNonNullElse(found.getMetadata(), Map.of()));
        metadata.put(Heads.NAME, value);
        var changed = found.toBuilder()
                .setMetadata(metadata)
                .setContentType(Upload.contentType(head))
                .build();
        attempt(
                "store the head of",
                key,
                () -> client.update(
                        changed, BlobTargetOption.generationMatch(), BlobTargetOption.metagenerationMatch()));
    }

    /** Writes the body again with another head before it. */
    private boolean rewrite(String key, EntryHead head) {
        Optional<Version> stored = read(key);
        if (stored.isEmpty()) {
            return false;
        }
        try (Body body = stored.get().entry().body()) {
            if (!stored.get().entry().head().isOfSameBody(head)) {
                return false;
            }
            check(key, head, body);
            store(key, head, body, stored.get().generation(), null);
        }
        return true;
    }

    @Override
    public void delete(String key) {
        String name = nameOf(key);
        boolean deleted = attempt("delete", key, () -> client.delete(BlobId.of(bucket, name)));
        if (deleted) {
            bucketSeen = true;
        } else {
            requireBucket("delete", key);
        }
    }

    // ---- batches

    @Override
    public Map<String, StoredEntry> getBatch(Collection<String> keys) {
        requireOpen();
        keys.forEach(this::nameOf);
        return ParallelBatches.get(this, keys, concurrency);
    }

    @Override
    public void putBatch(Map<String, StoredEntry> entries) {
        requireOpen();
        entries.forEach((key, entry) -> {
            check(key, entry.head(), entry.body());
            nameOf(key);
        });
        ParallelBatches.put(this, entries, concurrency);
    }

    @Override
    public void deleteBatch(Collection<String> keys) {
        requireOpen();
        List<String> distinct = new ArrayList<>(new LinkedHashSet<>(keys));
        distinct.forEach(this::nameOf);
        for (int i = 0; i < distinct.size(); i += MAX_BATCH) {
            deleteAll(distinct.subList(i, Math.min(distinct.size(), i + MAX_BATCH)));
        }
    }

    /**
     * Deletes keys in a batch, then deletes those that the batch did not complete one at a time, because the SDK sends
     * a batch only once.
     */
    private void deleteAll(List<String> keys) {
        StorageBatch batch = client.batch();
        Map<String, StorageBatchResult<Boolean>> results = new LinkedHashMap<>();
        for (String key : keys) {
            results.put(key, batch.delete(BlobId.of(bucket, nameOf(key))));
        }
        boolean sent = sent(batch);
        results.forEach((key, result) -> {
            if (!sent || !deleted(result)) {
                delete(key);
            }
        });
    }

    private static boolean sent(StorageBatch batch) {
        try {
            batch.submit();
            return true;
        } catch (BaseServiceException e) {
            return false;
        }
    }

    /** Returns whether the response confirms that the object no longer exists. */
    private boolean deleted(StorageBatchResult<Boolean> result) {
        try {
            boolean was = Boolean.TRUE.equals(result.get());
            bucketSeen |= was;
            return was || bucketSeen;
        } catch (BaseServiceException | IllegalStateException e) {
            // IllegalStateException: the response contains no result for this key.
            return false;
        }
    }

    // ---- listing

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        requireOpen();
        return KeyPages.stream(new Walk(prefix, startAfter)::next, true);
    }

    /**
     * Lists page by page. Each page is a separate request that starts after the last key of the previous one, so any
     * amount of time may pass between pages.
     */
    private final class Walk {
        private final String prefix;
        private final String stem;
        private @Nullable String last;
        private boolean more;

        Walk(String prefix, @Nullable String startAfter) {
            this.prefix = prefix;
            this.stem = names.stem(prefix);
            this.more = names.fits(stem);
            if (startAfter != null && KeyOrder.UTF8.compare(startAfter, prefix) >= 0) {
                this.last = names.unchecked(startAfter);
            }
        }

        @Nullable
        List<String> next() {
            if (!more) {
                return null;
            }
            String after = last;
            var answer = attempt("list the keys that begin with", prefix, () -> client.list(bucket, options(after)));
            bucketSeen = true;
            List<String> found = new ArrayList<>(MAX_PAGE);
            for (Blob object : answer.getValues()) {
                last = object.getName();
                // The start offset is inclusive.
                if (after == null || KeyOrder.UTF8.compare(last, after) > 0) {
                    names.key(last).ifPresent(found::add);
                }
            }
            more = answer.hasNextPage();
            return found;
        }

        private BlobListOption[] options(@Nullable String after) {
            List<BlobListOption> options = new ArrayList<>(
                    List.of(BlobListOption.prefix(stem), BlobListOption.pageSize(MAX_PAGE), onlyNames()));
            if (after != null) {
                options.add(BlobListOption.startOffset(cut(after)));
            }
            return options.toArray(BlobListOption[]::new);
        }
    }

    /** Truncates text longer than any name to a name below all names that follow it. */
    private String cut(String name) {
        String cut = name;
        while (!names.fits(cut)) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }

    // ---- the rest

    /**
     * Closes the driver, and the client if the builder created it. Idempotent. Bodies that were already read stay
     * readable.
     */
    @Override
    public void close() {
        closing.lock();
        try {
            if (!closed) {
                closed = true;
                if (ownClient) {
                    closeClient();
                }
            }
        } finally {
            closing.unlock();
        }
    }

    private void closeClient() {
        try {
            client.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.interrupted("close the client of " + place(), e);
        } catch (Exception e) {
            throw new StorageException("Cannot close the client of " + place() + ": " + e.getMessage(), false, e);
        }
    }

    private String nameOf(String key) {
        capabilities.requireKey(key);
        return names.of(key);
    }

    private interface Request<T> {
        T send() throws IOException;
    }

    private <T> T attempt(String verb, String key, Request<T> request) {
        requireOpen();
        if (Thread.currentThread().isInterrupted()) {
            throw Failures.interrupted(described(verb, key), null);
        }
        try {
            return request.send();
        } catch (BaseServiceException e) {
            throw Failures.of(described(verb, key), e);
        } catch (IOException e) {
            // A channel of the SDK wraps the SDK's own exceptions.
            BaseServiceException cause = e.getCause() instanceof BaseServiceException known
                    ? known
                    : com.google.cloud.storage.StorageException.translate(e);
            throw Failures.of(described(verb, key), cause);
        } catch (Upload.BrokenBodyException e) {
            throw Failures.unreadable(described(verb, key), e.reason());
        } catch (NullPointerException e) {
            // The SDK's retries fail this way if the backoff before a retry is interrupted.
            if (Thread.currentThread().isInterrupted()) {
                throw Failures.interrupted(described(verb, key), e);
            }
            throw Failures.ofAnswer(described(verb, key), e);
        } catch (ValueTooLargeException e) {
            throw e;
        } catch (IllegalArgumentException
                | IndexOutOfBoundsException
                | DateTimeException
                | UncheckedIOException
                | StackOverflowError e) {
            // StackOverflowError: the SDK's parsers recurse for each level of a response.
            throw Failures.ofAnswer(described(verb, key), e);
        }
    }

    private String described(String verb, String key) {
        return verb + " " + KeyNames.shown(key) + " in " + place();
    }

    private String place() {
        return "gs://" + bucket + "/" + names.prefix();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The driver of " + place() + " is closed");
        }
    }

    @Override
    public String toString() {
        return place();
    }

    /** Options of a driver. Not thread-safe. */
    public static final class Builder {
        /** Leaves room for keys of 512 bytes, the longest of real names. */
        private static final int MAX_PREFIX_BYTES = 500;

        private final String bucket;
        private String keyPrefix = "";
        private int concurrency = 16;
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
                throw new IllegalArgumentException("A client for JSON over HTTP is needed (StorageOptions.http()): "
                        + client.getOptions().getClass().getSimpleName());
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
                throw new IllegalArgumentException("A key prefix has at most " + MAX_PREFIX_BYTES
                        + " bytes, no line break, and does not begin with a slash: " + KeyNames.shown(keyPrefix));
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
                throw new IllegalArgumentException("The concurrency of batches must be at least 1: " + concurrency);
            }
            this.concurrency = concurrency;
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
                throw new IllegalArgumentException("A request is sent at least once: " + maxAttempts);
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
