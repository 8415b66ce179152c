package io.alldocs.storage.s3;

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
import io.alldocs.cache.spi.ValueReceiver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

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
    /** The limit of one PUT: <a href="https://docs.aws.amazon.com/general/latest/gr/s3.html">S3 quotas</a>. */
    private static final long MAX_OBJECT_BYTES = 5L << 30;

    /** Maximum number of keys in DeleteObjects and in a page of a listing. */
    private static final int MAX_BATCH = 1000;

    /**
     * Maximum number of attempts after write conflicts. S3 asks clients to retry after a conflict, but names no number.
     */
    private static final int CONFLICTS = 5;

    private final S3Client client;
    private final boolean ownClient;
    private final String bucket;
    private final KeyNames names;
    private final int concurrency;
    private final ValueReceiver values;
    private final StorageCapabilities capabilities;
    private volatile boolean bucketSeen;
    private volatile boolean closed;
    private final ReentrantLock closing = new ReentrantLock();

    private S3StorageDriver(Builder builder, S3Client client, boolean ownClient) {
        this.client = client;
        this.ownClient = ownClient;
        this.bucket = builder.bucket;
        this.names = ObjectNames.under(builder.keyPrefix);
        this.concurrency = builder.concurrency;
        this.values = new ValueReceiver(builder.spoolDirectory);
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
        return "s3";
    }

    @Override
    public StorageCapabilities capabilities() {
        return capabilities;
    }

    // ---- reading

    /** A received object. */
    private record Download(GetObjectResponse answer, Body bytes) {}

    @Override
    public Optional<StoredEntry> get(String key) {
        String name = nameOf(key);
        Optional<Download> download = attempt(
                "read",
                key,
                () -> absentAsEmpty(
                        () -> client.getObject(request -> request.bucket(bucket).key(name), this::receive)));
        return download.map(arrived -> entry(key, arrived));
    }

    /** Receives an object. Called for each attempt of the SDK. */
    private Download receive(GetObjectResponse answer, AbortableInputStream in) {
        try {
            Long length = answer.contentLength();
            OptionalLong declared = length == null ? OptionalLong.empty() : OptionalLong.of(length);
            return new Download(answer, values.receive(in, declared));
        } catch (IOException e) {
            throw RetryableException.create("The body broke off: " + e.getMessage(), e);
        }
    }

    private StoredEntry entry(String key, Download download) {
        Body bytes = download.bytes();
        try {
            Optional<String> json = Heads.json(download.answer().metadata());
            if (json.isPresent()) {
                return new StoredEntry(EntryHead.parse(json.get()), bytes);
            }
            return StoredForm.split(bytes, time(download.answer().lastModified()));
        } catch (IntegrityException e) {
            bytes.close();
            throw damaged(key, e);
        } catch (IOException e) {
            bytes.close();
            throw new StorageException("Cannot " + described("read", key) + ": " + e.getMessage(), true, e);
        }
    }

    private IntegrityException damaged(String key, IntegrityException cause) {
        return new IntegrityException(
                "What is stored under " + KeyNames.shown(key) + " in " + this + " is no entry: " + cause.getMessage(),
                cause);
    }

    private static Instant time(@Nullable Instant lastModified) {
        return lastModified == null ? Instant.EPOCH : lastModified;
    }

    @Override
    public Optional<EntryHead> head(String key) {
        Optional<HeadObjectResponse> answer = look("read the head of", key);
        try {
            return answer.flatMap(
                    found -> Heads.json(found.metadata()).map(EntryHead::parse).or(() -> headBeforeBody(key)));
        } catch (IntegrityException e) {
            throw damaged(key, e);
        }
    }

    /** Reads a head that was too large for metadata, or derives one for an object that another program wrote. */
    private Optional<EntryHead> headBeforeBody(String key) {
        String name = nameOf(key);
        return attempt(
                "read the head of",
                key,
                () -> absentAsEmpty(() -> client.getObject(
                        request -> request.bucket(bucket).key(name), S3StorageDriver::headBeforeBody)));
    }

    private static EntryHead headBeforeBody(GetObjectResponse answer, AbortableInputStream in) {
        long length = Objects.requireNonNullElse(answer.contentLength(), Long.MAX_VALUE);
        try {
            return StoredForm.head(in, length, time(answer.lastModified()));
        } catch (IOException e) {
            throw RetryableException.create("The head broke off: " + e.getMessage(), e);
        } finally {
            // Do not read the body.
            in.abort();
        }
    }

    @Override
    public boolean has(String key) {
        return look("look for", key).isPresent();
    }

    private Optional<HeadObjectResponse> look(String verb, String key) {
        String name = nameOf(key);
        Optional<HeadObjectResponse> answer = attempt(
                verb,
                key,
                () -> absentAsEmpty(() ->
                        client.headObject(request -> request.bucket(bucket).key(name))));
        if (answer.isPresent()) {
            bucketSeen = true;
        } else if (!bucketSeen) {
            // A 404 response to HEAD does not say whether the object or the bucket is missing.
            attempt(verb, key, () -> client.headBucket(request -> request.bucket(bucket)));
            bucketSeen = true;
        }
        return answer;
    }

    /** Sends a request for an object; empty if the object does not exist. */
    private static <T> Optional<T> absentAsEmpty(Request<T> request) {
        try {
            return Optional.of(request.send());
        } catch (S3Exception e) {
            String code = Failures.code(e);
            if (e.statusCode() == 404 && (code == null || code.equals("NoSuchKey") || code.equals("NotFound"))) {
                return Optional.empty();
            }
            throw e;
        }
    }

    // ---- writing

    @Override
    public void put(String key, EntryHead head, Body body) {
        check(key, head, body);
        store(key, head, body, request -> {});
    }

    /**
     * Stores the object if it is absent. After a conflict with a concurrent write it sends the request again, at most
     * five times. If the response to a request was lost, it compares the stored object with this value.
     */
    @Override
    public boolean putIfAbsent(String key, EntryHead head, Body body) {
        check(key, head, body);
        for (int conflicts = 0; ; conflicts++) {
            try {
                store(key, head, body, request -> request.ifNoneMatch("*"));
                return true;
            } catch (StorageException e) {
                if (e.getCause() instanceof S3Exception answer && answer.statusCode() == 412) {
                    return wasSentBefore(answer)
                            && head(key).filter(head::equals).isPresent();
                }
                if (status(e) != 409 || conflicts == CONFLICTS) {
                    throw e;
                }
            }
        }
    }

    private static int status(StorageException e) {
        return e.getCause() instanceof S3Exception answer ? answer.statusCode() : 0;
    }

    private static boolean wasSentBefore(S3Exception answer) {
        Integer attempts = answer.numAttempts();
        return attempts == null || attempts > 1;
    }

    private void check(String key, EntryHead head, Body body) {
        capabilities.requireEntry(key, head, body);
        if (head.sizeBytes() != body.sizeBytes()) {
            throw new IllegalArgumentException("The head describes a body of " + head.sizeBytes()
                    + " bytes, and the body has " + body.sizeBytes());
        }
    }

    private void store(String key, EntryHead head, Body body, Consumer<PutObjectRequest.Builder> condition) {
        String name = nameOf(key);
        requireOpen();
        Upload upload;
        try {
            upload = Upload.of(head, body);
        } catch (IOException e) {
            throw Failures.unreadable(described("store", key), e);
        }
        attempt("store", key, () -> {
            PutObjectRequest.Builder request =
                    upload.describe(PutObjectRequest.builder().bucket(bucket).key(name));
            condition.accept(request);
            return client.putObject(request.build(), upload.content());
        });
    }

    /**
     * Copies the object onto itself within the store, with the new head. Reads the object again if it changes
     * meanwhile.
     */
    @Override
    public boolean putHead(String key, EntryHead head) {
        Map<String, String> metadata = Heads.metadata(head);
        for (int conflicts = 0; ; conflicts++) {
            Optional<HeadObjectResponse> found = look("store the head of", key);
            if (found.isEmpty()) {
                return false;
            }
            Optional<String> stored = Heads.json(found.get().metadata());
            if (metadata == null || stored.isEmpty()) {
                return StorageDriver.super.putHead(key, head);
            }
            if (!isOfSameBody(key, stored.get(), head)) {
                return false;
            }
            try {
                return replaceMetadata(key, head, metadata, found.get());
            } catch (StorageException e) {
                if ((status(e) != 412 && status(e) != 409) || conflicts == CONFLICTS) {
                    throw e;
                }
            }
        }
    }

    private boolean isOfSameBody(String key, String stored, EntryHead head) {
        try {
            return EntryHead.parse(stored).isOfSameBody(head);
        } catch (IntegrityException e) {
            throw damaged(key, e);
        }
    }

    private boolean replaceMetadata(
            String key, EntryHead head, Map<String, String> metadata, HeadObjectResponse found) {
        String name = nameOf(key);
        CopyObjectRequest request = CopyObjectRequest.builder()
                .sourceBucket(bucket)
                .sourceKey(name)
                .destinationBucket(bucket)
                .destinationKey(name)
                .copySourceIfMatch(found.eTag())
                .metadataDirective(MetadataDirective.REPLACE)
                .metadata(metadata)
                .contentType(Upload.contentType(head))
                .contentEncoding(head.encoding())
                .build();
        return attempt("store the head of", key, () -> absentAsEmpty(() -> client.copyObject(request)))
                .isPresent();
    }

    @Override
    public void delete(String key) {
        String name = nameOf(key);
        attempt(
                "delete",
                key,
                () -> absentAsEmpty(() ->
                        client.deleteObject(request -> request.bucket(bucket).key(name))));
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
        List<String> batch = new ArrayList<>();
        keys.forEach(this::nameOf);
        for (String key : new LinkedHashSet<>(keys)) {
            if (isXml(key)) {
                batch.add(key);
            } else {
                delete(key);
            }
        }
        for (int i = 0; i < batch.size(); i += MAX_BATCH) {
            deleteAll(batch.subList(i, Math.min(batch.size(), i + MAX_BATCH)));
        }
    }

    /** Returns whether the object's name can be written in XML, which cannot represent two characters. */
    private static boolean isXml(String key) {
        return key.indexOf('\ufffe') < 0 && key.indexOf('\uffff') < 0;
    }

    private void deleteAll(List<String> keys) {
        List<ObjectIdentifier> objects = keys.stream()
                .map(key -> ObjectIdentifier.builder().key(nameOf(key)).build())
                .toList();
        String first = keys.get(0);
        DeleteObjectsResponse answer = attempt(
                "delete a batch that begins with",
                first,
                () -> client.deleteObjects(request -> request.bucket(bucket)
                        .delete(Delete.builder().quiet(true).objects(objects).build())));
        if (answer.hasErrors() && !answer.errors().isEmpty()) {
            var error = answer.errors().get(0);
            String key = names.key(String.valueOf(error.key())).orElse(first);
            throw Failures.of(described("delete", key), String.valueOf(error.code()), error.message());
        }
    }

    // ---- listing

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        requireOpen();
        return KeyPages.stream(new Walk(prefix, startAfter)::next, true);
    }

    /** Lists page by page; each page is a separate request that starts after the last key of the previous one. */
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
            ListObjectsV2Response answer = attempt(
                    "list the keys that begin with",
                    prefix,
                    () -> client.listObjectsV2(request ->
                            request.bucket(bucket).prefix(stem).startAfter(last).encodingType(EncodingType.URL)));
            List<S3Object> objects = answer.contents();
            more = Boolean.TRUE.equals(answer.isTruncated()) && !objects.isEmpty();
            last = objects.isEmpty() ? last : objects.get(objects.size() - 1).key();
            return objects.stream()
                    .flatMap(object -> names.key(object.key()).stream())
                    .toList();
        }
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
                    client.close();
                }
            }
        } finally {
            closing.unlock();
        }
    }

    private String nameOf(String key) {
        capabilities.requireKey(key);
        return names.of(key);
    }

    private interface Request<T> {
        T send();
    }

    private <T> T attempt(String verb, String key, Request<T> request) {
        requireOpen();
        try {
            return request.send();
        } catch (SdkException e) {
            throw Failures.of(described(verb, key), e);
        } catch (Upload.BrokenBodyException e) {
            throw Failures.unreadable(described(verb, key), e.reason());
        } catch (ValueTooLargeException e) {
            throw e;
        } catch (IllegalArgumentException
                | NullPointerException
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
        return "s3://" + bucket + "/" + names.prefix();
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
                throw new IllegalArgumentException("A key prefix has at most " + MAX_PREFIX_BYTES
                        + " bytes and does not begin with a slash: " + KeyNames.shown(keyPrefix));
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
                throw new IllegalArgumentException("A request is sent at least once: " + maxAttempts);
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
