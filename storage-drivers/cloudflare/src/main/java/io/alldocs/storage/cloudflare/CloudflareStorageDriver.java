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
 * Stores each value under a key of a namespace of Cloudflare Workers KV, over Cloudflare's REST API; the package description says how. Driver name {@code
 * cloudflare}.
 *
 * <ul>
 *   <li>The API takes few requests, so calls share them: while one request is under way, {@link #put}s of other threads gather and go as one, and so do
 *       {@link #get}s. A method returns when its own value is stored. With a thread alone each call is one request.
 *   <li>A write may take <a href="https://developers.cloudflare.com/kv/concepts/how-kv-works/">a minute and more</a> to be seen everywhere, so the
 *       namespace cannot hold checkpoints. There is no {@link #putIfAbsent}. Writes of one key should be a second apart.
 *   <li>Listing is lazy, in {@code KeyOrder.UTF8}, 1,000 keys a request. The API cannot begin after a key: what is before it is listed and left out.
 *   <li>Keys have at most 512 bytes of UTF-8 less those of the key prefix, and fewer if they hold characters that are escaped. Values have at most
 *       25 MiB.
 *   <li>{@link #putBatch} stores up to 10,000 values a request, {@link #getBatch} reads 100, {@link #deleteBatch} deletes 10,000.
 *   <li>Values over 1 MiB are read into a temporary file. Values to be stored are held in memory.
 * </ul>
 */
public final class CloudflareStorageDriver implements StorageDriver {
    /** Of a bulk write, of the 100 MB that the API takes: it is held in memory, and sent within the time of one request. */
    private static final int MAX_WRITE_BYTES = 16 << 20;

    /** A larger value goes alone. */
    private static final int MAX_SHARED_BYTES = 4 << 20;

    /** How often an answer may say of a key that it was not done. */
    private static final int MAX_ANSWERS = 3;

    private static final int BAD_REQUEST = 400;
    private static final int TOO_LARGE = 413;

    /** The API does not tell when a value was written. */
    private static final Instant UNKNOWN_TIME = Instant.EPOCH;

    private final BaseHttpClient client;
    private final boolean ownClient;
    private final KvApi api;
    private final String namespace;
    private final Names names;
    private final StorageCapabilities capabilities;
    private final Gatherer<Write> writes;
    private final Gatherer<Read> reads;

    /** Whether the API has taken anything yet: then a request that it calls bad is bad for what is in it. */
    private volatile boolean accepted;

    /** Whether values are text for the most part, which can be read together. */
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
        this.writes = new Gatherer<>(KvApi.MAX_WRITE, MAX_WRITE_BYTES, limiter::currentRate, this::store);
        this.reads = new Gatherer<>(KvApi.MAX_READ, Integer.MAX_VALUE, limiter::currentRate, this::read);
    }

    /**
     * Options of a driver on a namespace, which must exist.
     *
     * @param accountId of the account that owns the namespace
     * @param namespaceId the identifier, not the title
     * @throws IllegalArgumentException when one is not made of 1 to 64 letters, digits, {@code -} and {@code _}
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

    /** JSON, which edge workers read with {@code kv.get(key, 'json')}. */
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

    /** A key to be read together with others. */
    private static final class Read extends Gatherer.Item {
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

    /** What is no text is left to be read alone; so is all when the API does not take the request. */
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
            // Somebody else's: the value stands for itself.
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

    /** Of a head that was too large for metadata, or of a value that others wrote. */
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

    /** A value to be stored together with others. */
    private static final class Write extends Gatherer.Item {
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

    /** Of several values of one key the last one is sent: no reader can tell that the others were there. */
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

    /** The one that cannot be done must not take the others with it. */
    private static <T> void inHalves(List<T> group, Gatherer.Sender<T> sender) {
        int half = group.size() / 2;
        sender.send(group.subList(0, half));
        sender.send(group.subList(half, group.size()));
    }

    private static boolean isTooLarge(RequestException e) {
        return e.status().orElse(0) == TOO_LARGE;
    }

    /** For what is in it, not for whom it asks. */
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

    /** In pieces that fit a request. The first error ends it; other entries may have been stored. */
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

    /** Of keys; a page may be empty and still not the last. */
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

    /** Idempotent. Waits for what is being stored, and closes the client if the builder made it. Bodies that were read stay readable. */
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

    /** @throws StorageException for what the request throws; an IOException is one of the body to be stored */
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

    private <T extends Gatherer.Item> void gather(Gatherer<T> gatherer, List<T> items, String verb, String key) {
        try {
            gatherer.send(items);
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
        /** Requests a second: of the <a href="https://developers.cloudflare.com/fundamentals/api/reference/limits/">1,200 in five minutes</a> it leaves an eighth to others. */
        public static final double DEFAULT_RATE = 3.5;

        /** What lets keys of the longest names that npm takes now (214 characters) fit, and some more. */
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

        /** Without the value: it may be a token that was put in the wrong place. */
        private static String requireIdentifier(String what, String value) {
            if (!IDENTIFIER.matcher(value).matches()) {
                throw new IllegalArgumentException("The identifier of the " + what
                        + " is made of 1 to 64 letters, digits, - and _ (32 hexadecimal digits at Cloudflare)");
            }
            return value;
        }

        /**
         * An API token with the permission <i>Workers KV Storage: Edit</i> on the account. Needed unless a {@link #client} is given.
         *
         * @throws IllegalArgumentException when it is blank or cannot be sent; the message does not hold it
         */
        public Builder apiToken(String token) {
            if (token.isBlank() || !token.chars().allMatch(c -> c > ' ' && c <= '~')) {
                throw new IllegalArgumentException("The API token is empty or holds characters that cannot be sent");
            }
            this.token = token;
            return this;
        }

        /**
         * A client to use, with its own credentials, retries and limiters; stays open when the driver is closed. Token, attempts and rate then do not
         * count: set the rate of its limiter, which the driver gathers calls by.
         */
        public Builder client(BaseHttpClient client) {
            this.client = Objects.requireNonNull(client, "client");
            return this;
        }

        /** Proxies, certificate authorities and client certificates of the own client; nothing else of it counts. Default: none. */
        public Builder npmConfig(NpmConfig config) {
            this.npmConfig = config;
            return this;
        }

        /**
         * The API's address, for gateways and emulators. Default: {@code https://api.cloudflare.com/client/v4}.
         *
         * @throws IllegalArgumentException when it is not https, and not http on this machine, or carries a user, a query or a fragment
         */
        public Builder endpoint(URI endpoint) {
            this.endpoint = Credentials.requireSafe(endpoint);
            return this;
        }

        /**
         * What the names of all keys begin with, {@code npm-} for instance. Edge workers then have to put it before the keys they compute. Default:
         * empty.
         *
         * @throws IllegalArgumentException when it has more than 256 bytes of UTF-8, holds controls or spaces, or is not valid Unicode
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
         * Requests a second, retries included, 0 = no limit. Set on the host's limiter, which all of this JVM that ask Cloudflare's API share. Default:
         * {@value #DEFAULT_RATE}, none on the loopback interface, and what the limiter has already where somebody has set it.
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
         * How often a request is sent, the first time included. Default: 5.
         *
         * @throws IllegalArgumentException when it is below 1
         */
        public Builder maxAttempts(int maxAttempts) {
            this.retry = new RetryPolicy(maxAttempts, retry.baseDelay(), retry.maxDelay());
            return this;
        }

        /** Where values over 1 MiB go while they are read. Default: {@code java.io.tmpdir}. */
        public Builder spoolDirectory(Path spoolDirectory) {
            this.spoolDirectory = Objects.requireNonNull(spoolDirectory, "spoolDirectory");
            return this;
        }

        /** For tests. */
        Builder firstRetryDelay(Duration delay) {
            this.retry = new RetryPolicy(retry.attempts(), delay, retry.maxDelay());
            return this;
        }

        /** Without a slash at its end. */
        private String address() {
            String base = endpoint.toString();
            return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + "/accounts/" + accountId
                    + "/storage/kv/namespaces/" + namespaceId;
        }

        /**
         * A driver. Nothing is sent.
         *
         * @throws IllegalArgumentException when there is neither a token nor a client
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

        /** A rate that was asked for holds; the default one only where nobody has set any. */
        private void pace(HostLimiter limiter) {
            if (rate != null) {
                limiter.setRate(rate);
            } else if (limiter.currentRate() == 0 && !HostLimiters.isLoopback(endpoint)) {
                limiter.setRate(DEFAULT_RATE);
            }
        }
    }
}
