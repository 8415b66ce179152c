package io.alldocs.storage.cloudflare;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryFormat;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.IntegrityException;
import io.alldocs.cache.KeyOrder;
import io.alldocs.cache.StorageException;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyPages;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.StoredForm;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.Credentials;
import io.alldocs.http.HostLimiter;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RequestException;
import io.alldocs.http.RetryPolicy;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A storage driver that keeps each value under a key of a Cloudflare Workers KV namespace, through Cloudflare's REST
 * API. The package description documents the format. The driver name is {@code cloudflare}.
 *
 * <ul>
 * <li>The API allows few requests, so calls share them. While a request is in flight, {@link #put}s of other threads
 * accumulate and are sent as one request, and so are {@link #get}s. A method returns when its own value is stored. If
 * only one thread uses the driver, each call is one request.
 * <li>A write may take <a href="https://developers.cloudflare.com/kv/concepts/how-kv-works/">a minute or more</a> to
 * become visible everywhere, so the namespace cannot store checkpoints. {@link #putIfAbsent} is not supported. Write
 * the same key at most once per second.
 * <li>Listing is lazy, in {@code KeyOrder.UTF8}, with 1,000 keys per request. The API cannot start after a key, so
 * earlier keys are listed and skipped.
 * <li>Keys have at most 512 bytes of UTF-8 minus those of the key prefix, and fewer if they contain escaped characters.
 * Values have at most 25 MiB.
 * <li>{@link #putBatch} stores up to 10,000 values per request, {@link #getBatch} reads 100, and {@link #deleteBatch}
 * deletes 10,000.
 * <li>Values over 1 MiB are read into a temporary file. For writes, values are held in memory.
 * </ul>
 */
public final class CloudflareStorageDriver implements StorageDriver {
    /**
     * Maximum size of a bulk write. The API accepts 100 MB, but a bulk write is held in memory and must finish within
     * the timeout of one request.
     */
    private static final int MAX_WRITE_BYTES = 16 << 20;

    /** Larger values are sent alone. */
    private static final int MAX_SHARED_BYTES = 4 << 20;

    /** Maximum number of responses in a row that report a key as not done. */
    private static final int MAX_ANSWERS = 3;

    private static final int BAD_REQUEST = 400;
    private static final int TOO_LARGE = 413;

    /** The time of every value, because the API does not return when a value was written. */
    private static final Instant UNKNOWN_TIME = Instant.EPOCH;

    private final BaseHttpClient client;
    private final boolean ownClient;
    private final KvApi api;
    private final String namespace;
    private final Names names;
    private final StorageCapabilities capabilities;
    private final RequestBatcher<Write> writes;
    private final RequestBatcher<Read> reads;

    /**
     * Whether the API has accepted a request before. If so, a "bad request" response is about the contents of the
     * request.
     */
    private volatile boolean accepted;

    /** Whether most values are text, which can be read in bulk. */
    private volatile boolean text = true;

    private volatile boolean closed;

    private CloudflareStorageDriver(Builder builder, BaseHttpClient client, boolean ownClient) {
        this.client = client;
        this.ownClient = ownClient;
        this.api = new KvApi(client, builder.address(), builder.spoolDirectory);
        this.namespace = builder.namespaceId;
        this.names = new Names(builder.keyPrefix);
        this.capabilities = new StorageCapabilities(
                /* orderedListing= */ true,
                names.maxKeyBytes(),
                KvValue.MAX_BYTES - StoredForm.overheadBytes(),
                /* readAfterWrite= */ false,
                /* conditionalPut= */ false,
                /* writable= */ true,
                KvApi.MAX_READ);
        HostLimiter limiter = client.limiter(builder.endpoint);
        this.writes = new RequestBatcher<>(KvApi.MAX_WRITE, MAX_WRITE_BYTES, limiter::currentRate, this::store);
        this.reads = new RequestBatcher<>(KvApi.MAX_READ, Integer.MAX_VALUE, limiter::currentRate, this::read);
    }

    /**
     * Returns a builder for a driver on a namespace, which must exist.
     *
     * @param accountId of the account that owns the namespace
     * @param namespaceId the identifier, not the title
     * @throws IllegalArgumentException unless both consist of 1 to 64 letters, digits, {@code -} and {@code _}
     */
    public static Builder builder(String accountId, String namespaceId) {
        return new Builder(accountId, namespaceId);
    }

    @Override
    public String name() {
        return "cloudflare";
    }

    @Override
    public StorageCapabilities capabilities() {
        return capabilities;
    }

    /** Returns JSON, which edge workers read with {@code kv.get(key, 'json')}. */
    @Override
    public EntryFormat preferredFormat() {
        return EntryFormat.JSON;
    }

    // ---- reading

    @Override
    public Optional<StoredEntry> get(String key) {
        String name = nameOf(key);
        requireOpen();
        if (!text) {
            return readAlone(key, name);
        }
        if (reads.enterAlone()) {
            try {
                return readAlone(key, name);
            } finally {
                reads.leave();
            }
        }
        Read read = new Read(key, name);
        gather(reads, List.of(read), "read", key);
        return found(read);
    }

    private Optional<StoredEntry> readAlone(String key, String name) {
        Optional<Body> value = attempt("read", key, () -> api.value(name));
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(StoredForm.split(value.get(), UNKNOWN_TIME));
        } catch (IntegrityException e) {
            value.get().close();
            throw damaged(key, e);
        } catch (IOException e) {
            value.get().close();
            throw new StorageException("Cannot " + described("read", key) + ": " + e.getMessage(), true, e);
        }
    }

    private IntegrityException damaged(String key, IntegrityException cause) {
        return new IntegrityException(
                "What is stored under " + KeyNames.shown(key) + " in " + this + " is no entry: " + cause.getMessage(),
                cause);
    }

    /** A key to read in a shared request. */
    private static final class Read extends RequestBatcher.Item {
        private final String key;
        private final String name;
        private Optional<StoredEntry> entry = Optional.empty();
        private boolean alone;

        Read(String key, String name) {
            this.key = key;
            this.name = name;
        }

        @Override
        int sizeBytes() {
            return 0;
        }
    }

    private Optional<StoredEntry> found(Read read) {
        if (read.failure() != null) {
            throw read.failure();
        }
        return read.alone ? readAlone(read.key, read.name) : read.entry;
    }

    /**
     * Reads values in bulk. Values that are not text are read individually later; so are all values if the API rejects
     * the request.
     */
    private void read(List<Read> group) {
        Map<String, KvApi.Text> texts;
        try {
            texts = api.texts(group.stream().map(read -> read.name).distinct().toList());
        } catch (RequestException e) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            if (isTooLarge(e) && group.size() > 1) {
                inHalves(group, this::read);
            } else if (isTooLarge(e) || isBad(e)) {
                group.forEach(CloudflareStorageDriver::leaveAlone);
            } else {
                group.forEach(read -> read.fail(Failures.of(described("read", read.key), e)));
            }
            return;
        } catch (KvApi.RefusedException e) {
            group.forEach(read -> read.fail(Failures.of(described("read", read.key), e)));
            return;
        }
        accepted = true;
        int bytes = 0;
        for (Read read : group) {
            KvApi.Text found = texts.get(read.name);
            if (found == null) {
                read.succeed();
            } else if (!settle(read, found)) {
                bytes++;
            }
        }
        text = 2 * bytes <= group.size();
    }

    private static void leaveAlone(Read read) {
        read.alone = true;
        read.succeed();
    }

    /** @return whether the value is text */
    private static boolean settle(Read read, KvApi.Text found) {
        EntryHead head = bareHead(found);
        byte[] bytes = found.value().getBytes(StandardCharsets.UTF_8);
        boolean whole = head != null
                ? head.isBare() && head.sizeBytes() == bytes.length
                : found.value().indexOf('\uFFFD') < 0 && found.value().indexOf('\0') != 0;
        if (!whole) {
            leaveAlone(read);
            return false;
        }
        EntryHead known = head != null ? head : EntryHead.bare(bytes.length, null, UNKNOWN_TIME);
        read.entry = Optional.of(new StoredEntry(known, Body.of(bytes)));
        read.succeed();
        return true;
    }

    private static @Nullable EntryHead bareHead(KvApi.Text found) {
        try {
            return KvValue.head(found.metadata()).orElse(null);
        } catch (IntegrityException e) {
            // Another program wrote this value: it is a bare body.
            return null;
        }
    }

    @Override
    public Optional<EntryHead> head(String key) {
        String name = nameOf(key);
        Optional<String> metadata = attempt("read the head of", key, () -> api.metadata(name));
        if (metadata.isEmpty()) {
            return Optional.empty();
        }
        try {
            Optional<EntryHead> head = KvValue.head(metadata.get());
            return head.isPresent() ? head : headOfValue(key, name);
        } catch (IntegrityException e) {
            throw damaged(key, e);
        }
    }

    /** Reads a head that was too large for metadata, or derives one for a value that another program wrote. */
    private Optional<EntryHead> headOfValue(String key, String name) {
        Optional<StoredEntry> entry = readAlone(key, name);
        entry.ifPresent(each -> each.body().close());
        return entry.map(StoredEntry::head);
    }

    @Override
    public boolean has(String key) {
        String name = nameOf(key);
        return attempt("look for", key, () -> api.metadata(name)).isPresent();
    }

    // ---- writing

    @Override
    public void put(String key, EntryHead head, Body body) {
        check(key, head, body);
        String name = nameOf(key);
        requireOpen();
        KvValue value = value(key, head, body);
        if (value.content().sizeBytes() > MAX_SHARED_BYTES) {
            storeAlone(key, name, value);
        } else if (writes.enterAlone()) {
            try {
                storeAlone(key, name, value);
            } finally {
                writes.leave();
            }
        } else {
            Write write = write(key, name, value);
            gather(writes, List.of(write), "store", key);
            requireStored(write);
        }
    }

    private void check(String key, EntryHead head, Body body) {
        capabilities.requireEntry(key, head, body);
        if (head.sizeBytes() != body.sizeBytes()) {
            throw new IllegalArgumentException("The head describes a body of " + head.sizeBytes()
                    + " bytes, and the body has " + body.sizeBytes());
        }
    }

    private KvValue value(String key, EntryHead head, Body body) {
        try {
            return KvValue.of(head, body);
        } catch (IOException e) {
            throw Failures.unreadable(described("store", key), e);
        }
    }

    private void storeAlone(String key, String name, KvValue value) {
        attempt("store", key, () -> {
            api.put(name, value);
            return name;
        });
        accepted = true;
    }

    private Write write(String key, String name, KvValue value) {
        try {
            return new Write(key, name, value.pair(name));
        } catch (IOException e) {
            throw Failures.unreadable(described("store", key), e);
        }
    }

    /** A value to store in a shared request. */
    private static final class Write extends RequestBatcher.Item {
        private final String key;
        private final String name;
        private final byte[] pair;
        private int answers;

        Write(String key, String name, byte[] pair) {
            this.key = key;
            this.name = name;
            this.pair = pair;
        }

        @Override
        int sizeBytes() {
            return pair.length + 1;
        }
    }

    private static void requireStored(Write write) {
        if (write.failure() != null) {
            throw write.failure();
        }
    }

    /**
     * Stores a group. If a key has several values, only the last one is sent; readers cannot observe the difference.
     */
    private void store(List<Write> group) {
        Map<String, byte[]> pairs = new LinkedHashMap<>();
        group.forEach(write -> pairs.put(write.name, write.pair));
        Set<String> undone;
        try {
            undone = api.putAll(pairs.values());
        } catch (RequestException e) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            if (group.size() > 1 && (isTooLarge(e) || isBad(e))) {
                inHalves(group, this::store);
            } else {
                group.forEach(write -> write.fail(Failures.of(together(write.key, pairs.size()), e)));
            }
            return;
        } catch (KvApi.RefusedException e) {
            group.forEach(write -> write.fail(Failures.of(together(write.key, pairs.size()), e)));
            return;
        }
        accepted = true;
        for (Write write : group) {
            if (!undone.contains(write.name)) {
                write.succeed();
            } else if (++write.answers == MAX_ANSWERS) {
                write.fail(Failures.leftUndone(described("store", write.key), write.answers));
            }
        }
    }

    private String together(String key, int count) {
        return described("store", key) + (count == 1 ? "" : ", together with " + (count - 1) + " others,");
    }

    /** Sends a failed group in two halves, so that one failing item does not fail the others. */
    private static <T> void inHalves(List<T> group, RequestBatcher.Sender<T> sender) {
        int half = group.size() / 2;
        sender.send(group.subList(0, half));
        sender.send(group.subList(half, group.size()));
    }

    private static boolean isTooLarge(RequestException e) {
        return e.status().orElse(0) == TOO_LARGE;
    }

    /** Returns whether the request was rejected because of its contents, not because of the account or namespace. */
    private boolean isBad(RequestException e) {
        return accepted && e.status().orElse(0) == BAD_REQUEST;
    }

    @Override
    public void delete(String key) {
        String name = nameOf(key);
        attempt("delete", key, () -> {
            api.delete(name);
            return name;
        });
    }

    // ---- batches

    @Override
    public Map<String, StoredEntry> getBatch(Collection<String> keys) {
        requireOpen();
        List<Read> all = new ArrayList<>();
        for (String key : new LinkedHashSet<>(keys)) {
            all.add(new Read(key, nameOf(key)));
        }
        if (all.isEmpty()) {
            return Map.of();
        }
        gather(reads, all, "read", all.get(0).key);
        Map<String, StoredEntry> found = new LinkedHashMap<>();
        try {
            all.forEach(read -> found(read).ifPresent(entry -> found.put(read.key, entry)));
        } catch (RuntimeException e) {
            found.values().forEach(entry -> entry.body().close());
            throw e;
        }
        return found;
    }

    /** Stores entries in as many requests as needed. Stops at the first error; other entries may have been stored. */
    @Override
    public void putBatch(Map<String, StoredEntry> entries) {
        requireOpen();
        entries.forEach((key, entry) -> {
            check(key, entry.head(), entry.body());
            nameOf(key);
        });
        List<Write> piece = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<String, StoredEntry> entry : entries.entrySet()) {
            String key = entry.getKey();
            String name = nameOf(key);
            KvValue value = value(key, entry.getValue().head(), entry.getValue().body());
            if (value.content().sizeBytes() > MAX_SHARED_BYTES) {
                storeAlone(key, name, value);
                continue;
            }
            Write write = write(key, name, value);
            if (piece.size() == KvApi.MAX_WRITE || bytes + write.sizeBytes() > MAX_WRITE_BYTES) {
                storeAll(piece);
                piece.clear();
                bytes = 0;
            }
            piece.add(write);
            bytes += write.sizeBytes();
        }
        storeAll(piece);
    }

    private void storeAll(List<Write> piece) {
        if (!piece.isEmpty()) {
            gather(writes, piece, "store", piece.get(0).key);
            piece.forEach(CloudflareStorageDriver::requireStored);
        }
    }

    @Override
    public void deleteBatch(Collection<String> keys) {
        requireOpen();
        Map<String, String> keyOf = new LinkedHashMap<>();
        keys.forEach(key -> keyOf.put(nameOf(key), key));
        List<String> all = new ArrayList<>(keyOf.keySet());
        for (int from = 0; from < all.size(); from += KvApi.MAX_WRITE) {
            Set<String> left = new LinkedHashSet<>(all.subList(from, Math.min(all.size(), from + KvApi.MAX_WRITE)));
            for (int answers = 0; !left.isEmpty(); answers++) {
                String first = keyOf.getOrDefault(left.iterator().next(), "");
                if (answers == MAX_ANSWERS) {
                    throw Failures.leftUndone(described("delete", first), answers);
                }
                left.retainAll(attempt("delete", first, () -> api.deleteAll(left)));
            }
        }
    }

    // ---- listing

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        requireOpen();
        return KeyPages.stream(new Pages(prefix, startAfter), capabilities.orderedListing());
    }

    /** Pages of keys. A page may be empty without being the last. */
    private final class Pages implements Supplier<@Nullable Collection<String>> {
        private final String prefix;
        private final String stem;
        private @Nullable String last;
        private @Nullable String cursor;
        private boolean more;

        Pages(String prefix, @Nullable String startAfter) {
            if (startAfter != null) {
                KeyNames.requireUnicode(startAfter);
            }
            this.prefix = prefix;
            this.stem = names.stem(prefix);
            this.last = startAfter;
            this.more = names.fits(stem);
        }

        @Override
        public @Nullable Collection<String> get() {
            if (!more) {
                return null;
            }
            KvApi.Page answer = attempt("list the keys that begin with", prefix, () -> api.names(stem, cursor));
            List<String> keys = new ArrayList<>(answer.names().size());
            for (String name : answer.names()) {
                names.key(name).filter(this::isNext).ifPresent(key -> {
                    last = key;
                    keys.add(key);
                });
            }
            cursor = answer.cursor();
            more = cursor != null;
            return keys;
        }

        private boolean isNext(String key) {
            return key.startsWith(prefix) && (last == null || KeyOrder.UTF8.compare(key, last) > 0);
        }
    }

    // ---- the rest

    /**
     * Closes the driver after waiting for writes in progress, and closes the client if the builder created it.
     * Idempotent. Bodies that were already read stay readable.
     */
    @Override
    public void close() {
        closed = true;
        writes.close();
        reads.close();
        if (ownClient) {
            client.close();
        }
    }

    /** For tests. */
    int waitingWrites() {
        return writes.waiting();
    }

    private String nameOf(String key) {
        capabilities.requireKey(key);
        return names.of(key);
    }

    private interface Request<T> {
        T send() throws IOException;
    }

    /**
     * @throws StorageException for the exceptions of the request; an IOException means that the body to store cannot be
     *     read
     */
    private <T> T attempt(String verb, String key, Request<T> request) {
        requireOpen();
        try {
            return request.send();
        } catch (RequestException e) {
            throw Failures.of(described(verb, key), e);
        } catch (KvApi.RefusedException e) {
            throw Failures.of(described(verb, key), e);
        } catch (IOException e) {
            throw Failures.unreadable(described(verb, key), e);
        }
    }

    private <T extends RequestBatcher.Item> void gather(
            RequestBatcher<T> batcher, List<T> items, String verb, String key) {
        try {
            batcher.send(items);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.interrupted(described(verb, key), e);
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

    @Override
    public String toString() {
        return "kv://" + namespace + "/" + names.prefix();
    }

    /** Options of a driver. Not thread-safe. */
    public static final class Builder {
        /**
         * Requests per second. Leaves an eighth of the account's <a
         * href="https://developers.cloudflare.com/fundamentals/api/reference/limits/">1,200 requests in five
         * minutes</a> to other tools.
         */
        public static final double DEFAULT_RATE = 3.5;

        /** Leaves room for keys of the longest names that npm currently accepts (214 characters), and somewhat more. */
        private static final int MAX_PREFIX_BYTES = 256;

        static final URI CLOUDFLARE = URI.create("https://api.cloudflare.com/client/v4");
        private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z0-9_-]{1,64}");

        private final String accountId;
        private final String namespaceId;
        private URI endpoint = CLOUDFLARE;
        private String keyPrefix = "";
        private @Nullable Double rate;
        private Path spoolDirectory = Path.of(System.getProperty("java.io.tmpdir", "."));
        private RetryPolicy retry = RetryPolicy.defaults();
        private @Nullable String token;
        private @Nullable BaseHttpClient client;
        private NpmConfig npmConfig = NpmConfig.empty();

        private Builder(String accountId, String namespaceId) {
            this.accountId = requireIdentifier("account", accountId);
            this.namespaceId = requireIdentifier("namespace", namespaceId);
        }

        /** Checks an identifier. The message does not contain the value, which may be a token in the wrong place. */
        private static String requireIdentifier(String what, String value) {
            if (!IDENTIFIER.matcher(value).matches()) {
                throw new IllegalArgumentException("The identifier of the " + what
                        + " is made of 1 to 64 letters, digits, - and _ (32 hexadecimal digits at Cloudflare)");
            }
            return value;
        }

        /**
         * Sets the API token. It needs the permission <i>Workers KV Storage: Edit</i> on the account. Required unless a
         * {@link #client} is given.
         *
         * @throws IllegalArgumentException if the token is blank or cannot be sent in a header; the message does not
         *     contain it
         */
        public Builder apiToken(String token) {
            if (token.isBlank() || !token.chars().allMatch(c -> c > ' ' && c <= '~')) {
                throw new IllegalArgumentException("The API token is empty or holds characters that cannot be sent");
            }
            this.token = token;
            return this;
        }

        /**
         * Sets the client to use, with its own credentials, retries and limiters. It stays open when the driver is
         * closed. The token, attempts and rate of this builder are then ignored. Set the rate on the client's limiter;
         * the driver uses it to decide how long to accumulate calls.
         */
        public Builder client(BaseHttpClient client) {
            this.client = Objects.requireNonNull(client, "client");
            return this;
        }

        /**
         * Sets the proxies, certificate authorities and client certificates of the driver's own client. Other settings
         * are ignored. Default: none.
         */
        public Builder npmConfig(NpmConfig config) {
            this.npmConfig = config;
            return this;
        }

        /**
         * Sets the API's address, for gateways and emulators. Default: {@code https://api.cloudflare.com/client/v4}.
         *
         * @throws IllegalArgumentException if the address is neither https nor http on this machine, or contains a
         *     user, a query or a fragment
         */
        public Builder endpoint(URI endpoint) {
            this.endpoint = Credentials.requireSafe(endpoint);
            return this;
        }

        /**
         * Sets the prefix of all key names, for example {@code npm-}. Edge workers must then add it to the keys that
         * they compute. Default: empty.
         *
         * @throws IllegalArgumentException if the prefix has more than 256 bytes of UTF-8, contains controls or spaces,
         *     or is not valid Unicode
         */
        public Builder keyPrefix(String keyPrefix) {
            KeyNames.requireUnicode(keyPrefix);
            boolean unfit = keyPrefix.chars().anyMatch(c -> c <= ' ');
            if (KeyNames.utf8Length(keyPrefix) > MAX_PREFIX_BYTES || unfit) {
                throw new IllegalArgumentException("A key prefix has at most " + MAX_PREFIX_BYTES
                        + " bytes and no controls or spaces: " + KeyNames.shown(keyPrefix));
            }
            this.keyPrefix = keyPrefix;
            return this;
        }

        /**
         * Sets the requests per second, retries included; 0 means no limit. The rate is set on the limiter of the host,
         * which all users of Cloudflare's API in this JVM share. Default: {@value #DEFAULT_RATE}, or no limit on the
         * loopback interface; a rate that was already set on the limiter is kept.
         *
         * @throws IllegalArgumentException if negative, not a number, or above a million
         */
        public Builder rate(double perSecond) {
            if (!(perSecond >= 0) || perSecond > 1_000_000) {
                throw new IllegalArgumentException("The rate is 0 to a million a second, not " + perSecond);
            }
            this.rate = perSecond;
            return this;
        }

        /**
         * Sets the maximum number of attempts per request, including the first. Default: 5.
         *
         * @throws IllegalArgumentException if {@code maxAttempts} is below 1
         */
        public Builder maxAttempts(int maxAttempts) {
            this.retry = new RetryPolicy(maxAttempts, retry.baseDelay(), retry.maxDelay());
            return this;
        }

        /** Sets the directory for values over 1 MiB while they are read. Default: {@code java.io.tmpdir}. */
        public Builder spoolDirectory(Path spoolDirectory) {
            this.spoolDirectory = Objects.requireNonNull(spoolDirectory, "spoolDirectory");
            return this;
        }

        /** For tests. */
        Builder firstRetryDelay(Duration delay) {
            this.retry = new RetryPolicy(retry.attempts(), delay, retry.maxDelay());
            return this;
        }

        /** Returns the address without a trailing slash. */
        private String address() {
            String base = endpoint.toString();
            return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + "/accounts/" + accountId
                    + "/storage/kv/namespaces/" + namespaceId;
        }

        /**
         * Creates the driver. Sends no requests.
         *
         * @throws IllegalArgumentException if there is neither a token nor a client
         */
        public CloudflareStorageDriver build() {
            if (client != null) {
                return new CloudflareStorageDriver(this, client, false);
            }
            if (token == null) {
                throw new IllegalArgumentException(
                        "Cloudflare's API needs a token (CLOUDFLARE_API_TOKEN), or a client that has one");
            }
            BaseHttpClient own = BaseHttpClient.builder()
                    .npmConfig(npmConfig)
                    .credentials(Credentials.bearer(endpoint, token))
                    .retry(retry)
                    .build();
            pace(own.limiter(endpoint));
            return new CloudflareStorageDriver(this, own, true);
        }

        /** Sets the rate of a limiter: an explicit rate always, the default only if the limiter has none. */
        private void pace(HostLimiter limiter) {
            if (rate != null) {
                limiter.setRate(rate);
            } else if (limiter.currentRate() == 0 && !HostLimiters.isLoopback(endpoint)) {
                limiter.setRate(DEFAULT_RATE);
            }
        }
    }
}
