package io.alldocs.storage.cloudflare;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyPages;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.StoredForm;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.Credentials;
import io.alldocs.http.HostLimiter;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RetryPolicy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A storage driver that keeps each value under a key of a Cloudflare Workers KV namespace, through Cloudflare's REST
 * API. The package description documents the format. The driver name is {@code cloudflare}.
 *
 * <ul>
 * <li>The API allows few requests, so the driver combines calls. While a request is in flight, the {@link #put}s of
 * other threads accumulate and are then sent as one request. The same applies to {@link #get}s. A method returns when
 * its own value is stored. If only one thread uses the driver, each call is one request.
 * <li>A write may take <a href="https://developers.cloudflare.com/kv/concepts/how-kv-works/">a minute or more</a> to
 * become visible everywhere, so the namespace cannot store checkpoints. {@link #putIfAbsent} is not supported. Write
 * the same key at most once per second.
 * <li>Listing is lazy, in {@code KeyOrder.UTF8}, with 1,000 keys per request. The API cannot start after a key, so
 * earlier keys are listed and skipped.
 * <li>Keys have at most 512 bytes of UTF-8 minus those of the key prefix, and fewer if they contain escaped characters.
 * Values have at most 25 MiB.
 * <li>{@link #putBatch} stores up to 10,000 values per request, {@link #getBatch} reads 100, and {@link #deleteBatch}
 * deletes 10,000.
 * <li>Values over 1 MiB are read into a temporary file. Values to be written are held in memory.
 * </ul>
 */
public final class CloudflareStorageDriver implements StorageDriver {
    private static final String NAME = "cloudflare";

    private final BaseHttpClient client;
    private final boolean ownClient;
    private final Names names;
    private final DriverSupport support;
    private final Namespace namespace;
    private final EntryReader reader;
    private final EntryWriter writer;
    private final KeyDeleter deleter;

    private CloudflareStorageDriver(Builder builder, BaseHttpClient client, boolean ownClient) {
        this.client = client;
        this.ownClient = ownClient;
        this.names = new Names(builder.keyPrefix);
        StorageCapabilities capabilities = StorageCapabilities.builder()
                .orderedListing(true)
                .maxKeyBytes(names.maxKeyBytes())
                .maxValueBytes(KvValue.MAX_BYTES - StoredForm.overheadBytes())
                .maxBatch(KvApi.MAX_READ)
                .build();
        String location = "kv://" + builder.namespaceId + "/" + names.prefix();
        this.support = new DriverSupport(NAME, location, capabilities, names::of);
        this.namespace = new Namespace(new KvApi(client, builder.address(), builder.spoolDirectory), support);
        HostLimiter limiter = client.limiter(builder.endpoint);
        this.reader = new EntryReader(namespace, limiter::currentRate);
        this.writer = new EntryWriter(namespace, limiter::currentRate);
        this.deleter = new KeyDeleter(namespace);
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
        return NAME;
    }

    @Override
    public StorageCapabilities capabilities() {
        return support.capabilities();
    }

    /** Returns JSON, which edge workers read with {@code kv.get(key, 'json')}. */
    @Override
    public EntryFormat preferredFormat() {
        return EntryFormat.JSON;
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
        return reader.has(key);
    }

    @Override
    public void put(String key, EntryMetadata head, Body body) {
        writer.put(key, head, body);
    }

    @Override
    public void delete(String key) {
        deleter.delete(key);
    }

    @Override
    public Map<String, StoredEntry> getBatch(Collection<String> keys) {
        return reader.getAll(keys);
    }

    /** Stores entries in as many requests as needed. Stops at the first error; other entries may have been stored. */
    @Override
    public void putBatch(Map<String, StoredEntry> entries) {
        writer.putAll(entries);
    }

    @Override
    public void deleteBatch(Collection<String> keys) {
        deleter.deleteAll(keys);
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        support.requireOpen();
        return KeyPages.stream(
                new KeyLister(namespace, names, prefix, startAfter),
                capabilities().orderedListing());
    }

    /**
     * Closes the driver after waiting for writes in progress, and closes the client if the builder created it.
     * Idempotent. Bodies that were already read stay readable.
     */
    @Override
    public void close() {
        support.close();
        writer.close();
        reader.close();
        if (ownClient) {
            client.close();
        }
    }

    /** For tests. */
    int waitingWrites() {
        return writer.waiting();
    }

    @Override
    public String toString() {
        return support.toString();
    }

    /** Options of a driver. Not thread-safe. */
    public static final class Builder {
        /**
         * Requests per second. This leaves an eighth of the account's <a
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
        private Path spoolDirectory = Path.of(System.getProperty("java.io.tmpdir", "."));
        private final ClientOptions own = new ClientOptions();
        private @Nullable BaseHttpClient client;

        private Builder(String accountId, String namespaceId) {
            this.accountId = requireIdentifier("account", accountId);
            this.namespaceId = requireIdentifier("namespace", namespaceId);
        }

        /** Checks an identifier. The message does not contain the value, which may be a token in the wrong place. */
        private static String requireIdentifier(String what, String value) {
            if (!IDENTIFIER.matcher(value).matches()) {
                throw new IllegalArgumentException("The identifier of the " + what
                        + " must have between 1 and 64 letters, digits, - or _ (Cloudflare uses 32 hexadecimal"
                        + " digits).");
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
                throw new IllegalArgumentException(
                        "The API token is empty or contains characters that are not allowed in an HTTP header.");
            }
            own.token = token;
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
            own.npmConfig = config;
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
                throw new IllegalArgumentException("The key prefix must have at most " + MAX_PREFIX_BYTES + " bytes"
                        + " and no control characters or spaces, but is " + KeyNames.shown(keyPrefix) + ".");
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
                throw new IllegalArgumentException(
                        "The rate must be between 0 and 1,000,000 requests per second, but is " + perSecond + ".");
            }
            own.rate = perSecond;
            return this;
        }

        /**
         * Sets the maximum number of attempts per request, including the first. Default: 5.
         *
         * @throws IllegalArgumentException if {@code maxAttempts} is below 1
         */
        public Builder maxAttempts(int maxAttempts) {
            own.retry = new RetryPolicy(maxAttempts, own.retry.baseDelay(), own.retry.maxDelay());
            return this;
        }

        /** Sets the directory for values over 1 MiB while they are read. Default: {@code java.io.tmpdir}. */
        public Builder spoolDirectory(Path spoolDirectory) {
            this.spoolDirectory = Objects.requireNonNull(spoolDirectory, "spoolDirectory");
            return this;
        }

        /** For tests. */
        Builder firstRetryDelay(Duration delay) {
            own.retry = new RetryPolicy(own.retry.attempts(), delay, own.retry.maxDelay());
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
            return client == null
                    ? new CloudflareStorageDriver(this, own.client(endpoint), true)
                    : new CloudflareStorageDriver(this, client, false);
        }
    }
}
