package io.alldocs.storage.fastly;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.alldocs.cache.Body;
import io.alldocs.cache.EntryFormat;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.IntegrityException;
import io.alldocs.cache.KeyOrder;
import io.alldocs.cache.StorageException;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyPages;
import io.alldocs.cache.spi.ParallelBatches;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.StoredForm;
import io.alldocs.cache.spi.ValueReceiver;
import io.alldocs.http.HttpCall;
import io.alldocs.http.HttpReply;
import io.alldocs.http.RequestException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
 * some seconds after a write returned, a read may return the previous value. The store itself decides
 * {@link #putIfAbsent}, which is atomic among all of them.
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

    /** Maximum values in one request of {@link #putBatch}; Fastly documents no limit. */
    private static final int MAX_BATCH = 100;

    /** Maximum bytes of values in one such request. Values over half of it are sent alone. */
    private static final long MAX_BATCH_BYTES = 2 << 20;

    /** Default size of a page of a listing. */
    private static final int PAGE = 1000;

    /** Maximum number of times a value is read again because it was replaced during the operation. */
    private static final int CONFLICTS = 5;

    /** Bytes at the start of a value that show whether a head precedes the body. */
    private static final int START_BYTES = 16;

    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes \\d+-\\d+/(\\d{1,18})");

    private static final int PARTIAL_CONTENT = 206;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int TOO_LARGE = 413;
    private static final int NO_SUCH_RANGE = 416;

    private static final ObjectReader JSON = new ObjectMapper().readerFor(JsonNode.class);

    private final FastlyApi api;
    private final String store;
    private final String path;
    private final KeyNames names;
    private final int concurrency;
    private final Duration conflictDelay;
    private final ValueReceiver values;
    private final StorageCapabilities capabilities;
    private final Failures failures = new Failures(NAME, "the KV store");
    private volatile boolean storeSeen;
    private volatile boolean closed;
    private final ReentrantLock closing = new ReentrantLock();

    private FastlyStorageDriver(Builder builder) {
        this.api = builder.api();
        this.store = builder.store;
        this.path = "/resources/stores/kv/" + builder.store;
        this.names = ItemNames.under(builder.keyPrefix);
        this.concurrency = builder.concurrency;
        this.conflictDelay = builder.conflictDelay;
        this.values = new ValueReceiver(builder.spoolDirectory);
        this.capabilities = new StorageCapabilities(
                false,
                names.maxKeyBytes(),
                builder.maxValueBytes - StoredForm.overheadBytes(),
                false,
                true,
                true,
                MAX_BATCH);
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
        return capabilities;
    }

    /** Returns {@link EntryFormat#JSON}, because the readers of such a store are edge workers. */
    @Override
    public EntryFormat preferredFormat() {
        return EntryFormat.JSON;
    }

    // ---- reading

    @Override
    public Optional<StoredEntry> get(String key) {
        return read(key).map(Item::entry);
    }

    /** An entry and the generation of its item. */
    private record Item(StoredEntry entry, Optional<String> generation) {

        /** Returns the headers of a write that must replace this generation and nothing newer. */
        Map<String, String> unchanged() {
            return generation.map(value -> Map.of("if-generation-match", value)).orElse(Map.of());
        }
    }

    private Optional<Item> read(String key) {
        HttpCall call = api.get(itemPath(key)).accepting(NOT_FOUND);
        return present(
                "read",
                key,
                () -> api.send(
                        call, reply -> reply.status() == NOT_FOUND ? Optional.empty() : Optional.of(item(key, reply))));
    }

    private Item item(String key, HttpReply reply) throws IOException {
        Body value = values.receive(reply.body(), reply.contentLength());
        try {
            Optional<String> head = Heads.json(metadata(reply));
            StoredEntry entry = head.isPresent()
                    ? new StoredEntry(EntryHead.parse(head.get()), value)
                    : StoredForm.split(value, FastlyApi.lastModified(reply));
            return new Item(entry, reply.headers().firstValue("generation"));
        } catch (IntegrityException e) {
            value.close();
            throw damaged(key, e);
        } catch (IOException e) {
            value.close();
            throw e;
        }
    }

    private static Optional<String> metadata(HttpReply reply) {
        return reply.headers().firstValue("metadata");
    }

    private IntegrityException damaged(String key, IntegrityException cause) {
        return new IntegrityException(
                "What is stored under " + KeyNames.shown(key) + " in " + this + " is no entry: " + cause.getMessage(),
                cause);
    }

    /**
     * What is known of an item without reading its whole value.
     *
     * @param start of the value, up to 16 bytes
     * @param sizeBytes of the whole value, empty if the response does not contain it
     */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    private record Glance(Optional<String> metadata, byte[] start, OptionalLong sizeBytes, Instant storedAt) {}

    @Override
    public Optional<EntryHead> head(String key) {
        Optional<Glance> glance = look("read the head of", key);
        if (glance.isEmpty()) {
            return Optional.empty();
        }
        Optional<EntryHead> head = head(key, glance.get());
        return head.isPresent() ? head : get(key).map(FastlyStorageDriver::headOnly);
    }

    /** Returns the head; empty if more of the value must be read. */
    private Optional<EntryHead> head(String key, Glance glance) {
        Optional<String> json = Heads.json(glance.metadata());
        try {
            if (json.isPresent()) {
                return json.map(EntryHead::parse);
            }
            return glance.sizeBytes().isEmpty()
                    ? Optional.empty()
                    : Optional.of(StoredForm.head(
                            new ByteArrayInputStream(glance.start()),
                            glance.sizeBytes().getAsLong(),
                            glance.storedAt()));
        } catch (IntegrityException e) {
            if (json.isEmpty()) {
                return Optional.empty();
            }
            throw damaged(key, e);
        } catch (IOException e) {
            throw new UncheckedIOException("Reading from memory failed", e);
        }
    }

    private static EntryHead headOnly(StoredEntry entry) {
        entry.body().close();
        return entry.head();
    }

    @Override
    public boolean has(String key) {
        return look("look for", key).isPresent();
    }

    /**
     * Reads the metadata and the start of a value. A server that ignores the range costs a connection, but the result
     * is still correct.
     */
    private Optional<Glance> look(String verb, String key) {
        HttpCall call = api.get(itemPath(key))
                .withHeader("range", "bytes=0-" + (START_BYTES - 1))
                .accepting(NOT_FOUND, NO_SUCH_RANGE);
        return present(
                verb,
                key,
                () -> api.send(
                        call,
                        reply -> reply.status() == NOT_FOUND
                                ? Optional.empty()
                                : Optional.of(new Glance(
                                        metadata(reply),
                                        reply.body().readNBytes(START_BYTES),
                                        size(reply),
                                        FastlyApi.lastModified(reply)))));
    }

    /** Returns the size of the whole value; empty if the response does not contain it. */
    private static OptionalLong size(HttpReply reply) {
        if (reply.status() == PARTIAL_CONTENT) {
            Matcher range = CONTENT_RANGE.matcher(
                    reply.headers().firstValue("content-range").orElse(""));
            return range.matches() ? OptionalLong.of(Long.parseLong(range.group(1))) : OptionalLong.empty();
        }
        return reply.status() == NO_SUCH_RANGE ? OptionalLong.empty() : reply.contentLength();
    }

    /**
     * Sends a request and checks that the store exists if the item does not. A 404 response for an item does not say
     * whether the item or the store is missing.
     */
    private <T> Optional<T> present(String verb, String key, Supplier<Optional<T>> request) {
        Optional<T> found = attempt(verb, key, request);
        if (found.isPresent()) {
            storeSeen = true;
        } else {
            requireStore(verb, key);
        }
        return found;
    }

    private void requireStore(String verb, String key) {
        if (!storeSeen) {
            attempt(verb, key, () -> api.send(api.get(path), HttpReply::status));
            storeSeen = true;
        }
    }

    // ---- writing

    @Override
    public void put(String key, EntryHead head, Body body) {
        check(key, head, body);
        store(key, head, body, null, "", Map.of());
    }

    /**
     * Stores the item if it is absent. If the response to a request was lost, the stored item shows whether this write
     * created it. If the item is not visible yet, a retryable exception is thrown.
     */
    @Override
    public boolean putIfAbsent(String key, EntryHead head, Body body) {
        check(key, head, body);
        String write = UUID.randomUUID().toString();
        try {
            store(key, head, body, write, "?add=true", Map.of());
            return true;
        } catch (StorageException e) {
            if (!isRefused(e)) {
                throw e;
            }
            return wasSentBefore(e) && isOf(write, key, e);
        }
    }

    private boolean isOf(String write, String key, StorageException refused) {
        Optional<Glance> found = look("store", key);
        if (found.isEmpty()) {
            throw failures.failed(
                    described("store", key),
                    "an answer was lost, and whether this write or another one came first cannot be seen yet; do it again",
                    true,
                    refused);
        }
        return Heads.isOf(write, found.get().metadata());
    }

    private static boolean isRefused(StorageException e) {
        return e.getCause() instanceof RequestException answer
                && answer.status().orElse(0) == Failures.PRECONDITION_FAILED;
    }

    private static boolean wasSentBefore(StorageException e) {
        return e.getCause() instanceof RequestException answer && answer.attempts() > 1;
    }

    private void check(String key, EntryHead head, Body body) {
        capabilities.requireEntry(key, head, body);
        names.of(key);
        if (head.sizeBytes() != body.sizeBytes()) {
            throw new IllegalArgumentException("The head describes a body of " + head.sizeBytes()
                    + " bytes, and the body has " + body.sizeBytes());
        }
    }

    private void store(
            String key,
            EntryHead head,
            Body body,
            @Nullable String write,
            String query,
            Map<String, String> conditions) {
        requireOpen();
        Value value = value(key, head, body, write);
        HttpCall call = api.put(itemPath(key) + query, value.bytes())
                .withHeader("content-type", "application/octet-stream")
                .withHeader("metadata", value.metadata())
                .withHeaders(conditions);
        attempt("store", key, () -> api.send(call, HttpReply::status));
        storeSeen = true;
    }

    /**
     * The contents of an item: the body with the head in the metadata, or both in one value if the head is too large
     * for metadata.
     */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    private record Value(byte[] bytes, String metadata) {}

    private Value value(String key, EntryHead head, Body body, @Nullable String write) {
        String json = Heads.json(head);
        try {
            Body content = json == null ? StoredForm.join(head, body) : body;
            byte[] bytes = content.toByteArray();
            if (bytes.length != content.sizeBytes()) {
                throw new EOFException("it gave " + bytes.length + " of " + content.sizeBytes() + " bytes");
            }
            return new Value(bytes, Heads.metadata(json, write));
        } catch (IOException e) {
            throw failures.unreadable(described("store", key), e);
        }
    }

    /**
     * Reads the value and writes it with the new head. Retries after a wait if the value is replaced meanwhile or a
     * read returned an older one: at most five times, within three seconds.
     */
    @Override
    public boolean putHead(String key, EntryHead head) {
        for (int conflicts = 0; ; conflicts++) {
            Optional<Item> found = read(key);
            if (found.isEmpty()) {
                return false;
            }
            try (Body body = found.get().entry().body()) {
                EntryHead stored = found.get().entry().head();
                boolean same = stored.isOfSameBody(head);
                if (!same && (conflicts == CONFLICTS || stored.storedAt().isAfter(head.storedAt()))) {
                    return false;
                }
                if (same) {
                    check(key, head, body);
                    store(key, head, body, null, "", found.get().unchanged());
                    return true;
                }
            } catch (StorageException e) {
                if (!isRefused(e) || conflicts == CONFLICTS) {
                    throw e;
                }
            }
            waitFor(key, conflictDelay.multipliedBy(1L << conflicts));
        }
    }

    private void waitFor(String key, Duration delay) {
        try {
            Thread.sleep(delay.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failures.interrupted(described("store the head of", key), e);
        }
    }

    @Override
    public void delete(String key) {
        HttpCall call = api.delete(itemPath(key) + "?force=true").accepting(NOT_FOUND);
        int status = attempt("delete", key, () -> api.send(call, HttpReply::status));
        if (status == NOT_FOUND) {
            requireStore("delete", key);
        } else {
            storeSeen = true;
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
    public void deleteBatch(Collection<String> keys) {
        requireOpen();
        keys.forEach(this::nameOf);
        ParallelBatches.each(new LinkedHashSet<>(keys), concurrency, this::delete);
    }

    @Override
    public void putBatch(Map<String, StoredEntry> entries) {
        requireOpen();
        entries.forEach((key, entry) -> check(key, entry.head(), entry.body()));
        ParallelBatches.each(batches(entries), concurrency, this::storeAll);
    }

    private static List<List<Map.Entry<String, StoredEntry>>> batches(Map<String, StoredEntry> entries) {
        List<List<Map.Entry<String, StoredEntry>>> batches = new ArrayList<>();
        List<Map.Entry<String, StoredEntry>> batch = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<String, StoredEntry> entry : entries.entrySet()) {
            long size = entry.getValue().body().sizeBytes();
            if (size > MAX_BATCH_BYTES / 2) {
                batches.add(List.of(entry));
                continue;
            }
            if (batch.size() == MAX_BATCH || bytes + size > MAX_BATCH_BYTES) {
                batches.add(batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.add(entry);
            bytes += size;
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    /**
     * Stores a batch, then stores the items that the batch did not complete one at a time. Their individual errors
     * report the reason.
     */
    private void storeAll(List<Map.Entry<String, StoredEntry>> batch) {
        Collection<Map.Entry<String, StoredEntry>> left = batch.size() == 1 ? batch : leftBy(batch);
        left.forEach(entry ->
                put(entry.getKey(), entry.getValue().head(), entry.getValue().body()));
    }

    private Collection<Map.Entry<String, StoredEntry>> leftBy(List<Map.Entry<String, StoredEntry>> batch) {
        List<Batch.Line> lines = batch.stream()
                .map(entry -> {
                    Value value = value(
                            entry.getKey(),
                            entry.getValue().head(),
                            entry.getValue().body(),
                            null);
                    return new Batch.Line(nameOf(entry.getKey()), value.bytes(), value.metadata());
                })
                .toList();
        HttpCall call = api.put(path + "/batch", Batch.body(lines))
                .withHeader("content-type", "application/x-ndjson")
                .accepting(BAD_REQUEST, TOO_LARGE);
        String first = batch.get(0).getKey();
        Set<Integer> left = attempt(
                "store " + batch.size() + " values from",
                first,
                () -> api.send(
                        call,
                        reply -> Batch.left(
                                lines,
                                reply.status() < BAD_REQUEST,
                                reply.body().readAllBytes())));
        storeSeen = true;
        return left.stream().map(batch::get).toList();
    }

    // ---- listing

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        requireOpen();
        return KeyPages.stream(new Walk(prefix, startAfter)::next, false);
    }

    /** Lists page by page, from cursor to cursor. */
    private final class Walk {
        private final String prefix;
        private final @Nullable String startAfter;
        private final String query;
        private String cursor = "";
        private boolean more;

        Walk(String prefix, @Nullable String startAfter) {
            String stem = names.stem(prefix);
            this.prefix = prefix;
            this.startAfter = startAfter;
            this.query =
                    "?consistency=strong&limit=" + PAGE + (stem.isEmpty() ? "" : "&prefix=" + HttpCall.encoded(stem));
            this.more = names.fits(stem);
        }

        @Nullable
        List<String> next() {
            if (!more) {
                return null;
            }
            HttpCall call =
                    api.get(path + "/keys" + query + (cursor.isEmpty() ? "" : "&cursor=" + HttpCall.encoded(cursor)));
            JsonNode answer = attempt(
                    "list the keys that begin with",
                    prefix,
                    () -> api.send(call, reply -> JSON.readTree(reply.body())));
            storeSeen = true;
            follow(answer.path("meta").path("next_cursor").asText(""));
            List<String> found = new ArrayList<>(PAGE);
            for (JsonNode name : answer.path("data")) {
                names.key(name.asText()).filter(this::isAsked).ifPresent(found::add);
            }
            return found;
        }

        private void follow(String following) {
            if (!following.isEmpty() && following.equals(cursor)) {
                throw failures.failed(
                        described("list the keys that begin with", prefix),
                        "the store names the same page again and again",
                        true,
                        null);
            }
            cursor = following;
            more = !following.isEmpty();
        }

        private boolean isAsked(String key) {
            return key.startsWith(prefix) && (startAfter == null || KeyOrder.UTF8.compare(key, startAfter) > 0);
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
                api.close();
            }
        } finally {
            closing.unlock();
        }
    }

    private String itemPath(String key) {
        return path + "/keys/" + HttpCall.encoded(nameOf(key));
    }

    private String nameOf(String key) {
        capabilities.requireKey(key);
        return names.of(key);
    }

    private <T> T attempt(String verb, String key, Supplier<T> request) {
        requireOpen();
        try {
            return request.get();
        } catch (RequestException e) {
            throw failures.of(described(verb, key), e);
        }
    }

    private String described(String verb, String key) {
        return verb + " " + KeyNames.shown(key) + " in " + this;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The driver of " + this + " is closed");
        }
    }

    /** Returns a text that names the store, and the key prefix if there is one. */
    @Override
    public String toString() {
        return "Fastly KV store " + store + (names.prefix().isEmpty() ? "" : " under " + names.prefix());
    }

    /** Options of a driver. Not thread-safe. */
    public static final class Builder extends ApiBuilder<Builder> {
        /** Leaves room for keys of 512 bytes, the longest of real names. */
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
         * @throws IllegalArgumentException if the prefix has more than 500 bytes, contains characters other than
         *     letters, digits and {@code - . _ ~ : /}, begins with a dot, or has a dot next to a slash
         */
        public Builder keyPrefix(String keyPrefix) {
            if (keyPrefix.length() > MAX_PREFIX_BYTES || !ItemNames.isPrefix(keyPrefix)) {
                throw new IllegalArgumentException("A key prefix has at most " + MAX_PREFIX_BYTES
                        + " letters, digits and - . _ ~ : /, and no dot at its beginning or next to a slash: "
                        + KeyNames.shown(keyPrefix));
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
                throw new IllegalArgumentException("Values have at most " + SMALLEST_MAX_VALUE_BYTES + " to "
                        + LARGEST_MAX_VALUE_BYTES + " bytes, not " + bytes);
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
                throw new IllegalArgumentException("The concurrency of batches must be at least 1: " + concurrency);
            }
            this.concurrency = concurrency;
            return this;
        }

        /** For tests. */
        Builder conflictDelay(Duration delay) {
            this.conflictDelay = delay;
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
