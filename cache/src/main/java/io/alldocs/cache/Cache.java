package io.alldocs.cache;

import io.alldocs.Env;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.entry.MemoryTier;
import io.alldocs.cache.internal.key.Utf8;
import io.alldocs.cache.internal.run.RequestCoalescer;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.ValueTooLargeException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import io.alldocs.spi.CancellableCall;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A cache of entries in a storage driver, with freshness rules, cache modes, in-flight request coalescing and an
 * optional memory tier. Safe for concurrent use.
 *
 * <p>The cache stores two kinds of values. A {@link CacheKey} identifies an entry that a {@link Loader} loads; use
 * {@link #fetch}, {@link #entry} and {@link #head}. Any other key identifies a JSON value of the user's; use
 * {@link #set}, {@link #get} and {@link #fetch(String, Class, Supplier)}. Every method throws {@link StorageException}
 * when the store refuses the request or is unreachable, and IllegalStateException after {@link #close()}.
 *
 * <p>The cache checks every body that it reads against the recorded digest before it returns a byte, and never serves a
 * damaged value. {@link #get} and {@link #entry} throw {@link IntegrityException} for a damaged value; {@link #fetch}
 * loads it again.
 */
public final class Cache implements AutoCloseable {
    private final StorageDriver driver;
    private final boolean ownsDriver;
    private final EntryStore store;
    private final BodyReceiver receiver;
    private final Clock clock;
    private final Executor executor;
    private final @Nullable ExecutorService ownedExecutor;
    private final StoredLoads loads;
    private final Fetches fetches;
    private final FetchCounter counter;
    private final UserValues values;
    private volatile boolean closed;

    private Cache(Builder builder) {
        this.receiver = builder.receiver == null ? BodyReceiver.of(builder.env) : builder.receiver;
        this.clock = builder.clock;
        long memoryBytes = builder.memoryBytes == null
                ? builder.env.getLong("CACHE_MEMORY_BYTES", 0, 0, Long.MAX_VALUE)
                : builder.memoryBytes;
        Optional<EntryFormat> asked = builder.format == null ? formatOf(builder.env) : Optional.of(builder.format);
        this.ownsDriver = builder.driver == null || builder.ownsDriver;
        this.driver = builder.driver != null
                ? builder.driver
                : builder.fromEnv ? StorageDrivers.create(builder.env) : new MemoryStorageDriver();
        this.store = new EntryStore(
                driver,
                asked.orElse(driver.preferredFormat()),
                new MemoryTier<>(memoryBytes, stored -> stored.body().sizeBytes()));
        this.ownedExecutor = builder.executor == null ? newExecutor() : null;
        this.executor = ownedExecutor != null ? ownedExecutor : Objects.requireNonNull(builder.executor);
        RequestCoalescer<CacheEntry> coalescer =
                new RequestCoalescer<>(OperationInterruptedException::new, CacheEntry::share, CacheEntry::close);
        this.values = new UserValues(store, coalescer, clock);
        CacheListener listener = GuardedCacheListener.of(builder.listener);
        this.counter = new FetchCounter(listener);
        this.loads = new StoredLoads(store, clock, listener);
        this.fetches = new Fetches(store, loads, coalescer, clock, executor);
    }

    private static Optional<EntryFormat> formatOf(Env env) {
        return env.get("ENTRY_FORMAT").map(name -> {
            for (EntryFormat format : EntryFormat.values()) {
                if (format.name().equalsIgnoreCase(name.trim())) {
                    return format;
                }
            }
            throw new IllegalArgumentException("The environment variable ENTRY_FORMAT must be native or json.");
        });
    }

    /** Creates the default executor for background refreshes and fetchAsync. Its threads end when idle. */
    private static ExecutorService newExecutor() {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                Builder.DEFAULT_THREADS,
                Builder.DEFAULT_THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> {
                    Thread thread = new Thread(task, "all-docs-cache-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /**
     * Returns a builder in which every option has a default: {@code Cache.builder().build()} keeps entries in memory.
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns a separate cache for checkpoints, stored in the driver that {@code CHECKPOINT_DRIVER} names. That driver
     * reads the same variables as a driver for entries, and the returned cache closes it.
     *
     * <p>The result is empty when {@code CHECKPOINT_DRIVER} is not set. Store checkpoints in the cache of the entries
     * then. {@link PartitionCheckpoint} refuses a cache whose store may return old values after a write.
     *
     * @throws IllegalArgumentException if a variable of the environment has an invalid value
     * @throws IllegalStateException if the driver is not found
     */
    public static Optional<Cache> forCheckpoints(Env env) {
        return StorageDrivers.createForCheckpoints(env)
                .map(driver -> builder().env(env).ownDriver(driver).build());
    }

    /**
     * Returns the value under {@code key}, read from JSON. Under a {@link CacheKey}, the value is the decoded body of
     * the entry, whatever its form; pass {@code CacheEntry.class} to get the entry itself.
     *
     * @param type any type that Jackson can read: {@code JsonNode.class}, {@code Map.class}, your own record …
     * @throws IntegrityException if the bytes do not match their digest, or the value cannot be read as {@code type}
     */
    public <T> Optional<T> get(String key, Class<T> type) {
        requireOpen();
        Optional<CacheEntry> entry = CacheKey.find(key).isPresent() ? entry(key) : values.read(key);
        return entry.map(found -> UserValues.as(key, found, type));
    }

    /**
     * Returns the entry under {@code key} whatever its age, or empty if there is none.
     *
     * @throws IntegrityException if the entry is damaged
     */
    public Optional<CacheEntry> entry(CacheKey key) {
        requireOpen();
        return entry(key.toString());
    }

    private Optional<CacheEntry> entry(String key) {
        Instant now = clock.instant();
        return store.read(key).map(stored -> StoredLoads.stored(stored, now));
    }

    /**
     * Returns the metadata of an entry, or empty if there is none. The body is not read, except in the JSON form, which
     * stores metadata and body as one value.
     *
     * @throws IntegrityException if the stored bytes are not valid metadata
     */
    public Optional<EntryMetadata> head(CacheKey key) {
        return head(key.toString());
    }

    /** Returns the metadata like {@link #head(CacheKey)}, for a key of any kind. */
    public Optional<EntryMetadata> head(String key) {
        requireOpen();
        return store.head(key);
    }

    /**
     * Stores {@code value} as JSON and replaces any earlier value. A {@link CacheEntry} is stored as an entry, with its
     * metadata and body.
     *
     * @param key any text, except a malformed key that begins with {@code v1:}
     * @throws IllegalArgumentException if Jackson cannot write the value, or the key begins with {@code v1:} and is
     *     malformed
     * @throws ValueTooLargeException if the value is larger than the store allows
     */
    public void set(String key, Object value) {
        store(key, value, null);
    }

    /**
     * Stores {@code value} like {@link #set(String, Object)}, with a time to live. After that time {@link #get},
     * {@link #has} and {@code fetch} treat the value as absent; {@link #keys} lists it until it is replaced or deleted.
     * A {@link CacheEntry} is fresh for this time from now, unless its headers define another freshness lifetime.
     *
     * @param ttl time to live, positive
     * @throws IllegalArgumentException under the conditions of {@link #set(String, Object)}, and if the time to live is
     *     not positive
     * @throws ValueTooLargeException if the value is larger than the store allows
     */
    public void set(String key, Object value, Duration ttl) {
        store(key, value, UserValues.requirePositive(ttl));
    }

    /**
     * Stores {@code value} like {@link #set(String, Object)} unless the key exists. If several processes call this
     * method at the same time and the store supports conditional puts, exactly one of them stores its value. Without
     * conditional puts, several may.
     *
     * @return true if the value was stored; false if the key existed, in which case nothing was changed
     * @throws IllegalArgumentException under the conditions of {@link #set(String, Object)}
     * @throws ValueTooLargeException if the value is larger than the store allows
     */
    public boolean setIfAbsent(String key, Object value) {
        requireOpen();
        UserValues.requireWellFormed(key);
        if (!driver.capabilities().conditionalPut()) {
            if (has(key)) {
                return false;
            }
            set(key, value);
            return true;
        }
        StoredEntry entry = values.encode(value, null);
        return driver.putIfAbsent(key, entry.head(), entry.body());
    }

    private void store(String key, Object value, @Nullable Duration ttl) {
        requireOpen();
        UserValues.requireWellFormed(key);
        if (value instanceof CacheEntry entry) {
            EntryMetadata head = ttl == null
                    ? entry.head()
                    : entry.head().toBuilder()
                            .lifetime(ttl)
                            .validatedAt(clock.instant())
                            .build();
            store.write(key, head, entry.rawBody());
            return;
        }
        store.writeValue(key, values.encode(value, ttl));
    }

    /** Returns whether a value exists, damaged or not, whose time to live has not passed. */
    public boolean has(String key) {
        requireOpen();
        if (key.startsWith("v1:")) {
            return driver.has(key); // entries expire by their headers but stay stored
        }
        try {
            return driver.head(key).filter(values::isAlive).isPresent();
        } catch (IntegrityException e) {
            return true;
        }
    }

    /** Deletes the value under {@code key}. Does nothing if the key is absent. */
    public void delete(String key) {
        requireOpen();
        store.delete(key);
    }

    /**
     * Deletes the values under {@code keys}, in as few requests as the store allows. Does nothing for absent keys.
     *
     * @throws StorageException if the store cannot delete them; some of them may have been deleted
     */
    public void deleteAll(Collection<String> keys) {
        requireOpen();
        store.deleteAll(keys);
    }

    /** Returns the capabilities and limits of the store. */
    public StorageCapabilities capabilities() {
        return driver.capabilities();
    }

    /** Returns the keys that start with {@code prefix}, in the driver's order. The caller closes the stream. */
    public Stream<String> keys(String prefix) {
        return keys(prefix, null);
    }

    /**
     * Returns the keys of {@link #keys(String)} that follow {@code startAfter}; null returns all of them. The caller
     * closes the stream.
     */
    public Stream<String> keys(String prefix, @Nullable String startAfter) {
        requireOpen();
        return driver.list(prefix, startAfter);
    }

    /**
     * Reads several entries in one batch, without the memory tier. Each is passed to {@code found}, or to
     * {@code damaged} if its bytes do not match its digest. Absent keys are skipped.
     *
     * @param found receives each entry and may close it
     * @throws StorageException if the store cannot be read
     */
    public void readAll(
            Collection<String> keys,
            BiConsumer<? super String, ? super CacheEntry> found,
            BiConsumer<? super String, ? super IntegrityException> damaged) {
        requireOpen();
        store.readAll(keys, (key, stored) -> found.accept(key, StoredLoads.stored(stored, clock.instant())), damaged);
    }

    /**
     * Returns the stored entry or loads it, depending on {@code mode}. Concurrent calls for one key are coalesced: one
     * thread runs its loader and the others wait. If that thread is interrupted, one of the waiting threads takes over.
     * If the loader fails, all callers receive its exception. An entry that is damaged, or whose form does not match
     * the key ({@link EntryMetadata#form()}), counts as a miss.
     *
     * <p>Within the stale-while-revalidate period the loader runs on the executor instead. Its errors are only logged,
     * at DEBUG, and the entry stays unchanged.
     *
     * @throws NotCachedException if {@code mode} is {@link CacheMode#ONLY_IF_CACHED} and nothing is stored
     * @throws StorageException if the store cannot be read, or the loaded value cannot be stored. The loaded value is
     *     then lost, and the next call loads it again
     * @throws ValueTooLargeException if the loaded value is larger than the store allows and the loader provided no
     *     replacement to record
     * @throws OperationInterruptedException if interrupted while another thread loads
     * @throws RuntimeException if the loader throws it; rethrown unchanged
     */
    public CacheEntry fetch(CacheKey key, CacheMode mode, Loader loader) {
        requireOpen();
        Objects.requireNonNull(loader, "loader");
        CacheEntry entry;
        try {
            entry = fetches.fetch(key, mode, loader);
        } catch (RuntimeException e) {
            counter.failed(key, e);
            throw e;
        }
        counter.fetched(key, entry);
        return entry;
    }

    /**
     * Returns the counts of hits, misses and other results of {@link #fetch(CacheKey, CacheMode, Loader)} since this
     * cache was built.
     */
    public FetchCounts fetchCounts() {
        return counter.counts();
    }

    /**
     * Runs {@link #fetch} on the executor. The future fails with the exception that {@link #fetch} throws, or with the
     * executor's exception if the executor rejects the task. Cancelling the future interrupts the load. If other
     * callers wait for the same load, one of them takes over.
     */
    public CompletableFuture<CacheEntry> fetchAsync(CacheKey key, CacheMode mode, Loader loader) {
        return fetchAsync(key, mode, loader, executor);
    }

    /**
     * Runs like {@link #fetchAsync(CacheKey, CacheMode, Loader)} on another executor than the cache's. The executor is
     * not closed. Background refreshes still run on the cache's executor.
     */
    public CompletableFuture<CacheEntry> fetchAsync(CacheKey key, CacheMode mode, Loader loader, Executor executor) {
        requireOpen();
        return CancellableCall.start(executor, () -> fetch(key, mode, loader), CacheEntry::close);
    }

    /**
     * Returns the stored value of a user's own key, or loads it. A loaded value is stored without a time to live.
     * Concurrent calls for one key run one loader; the others wait for its value, or fail with its exception. A damaged
     * value is loaded again.
     *
     * @param key any text that is not a {@link CacheKey}
     * @throws IllegalArgumentException if the key begins with {@code v1:}, the loader returns null, or Jackson cannot
     *     write the loaded value
     * @throws IntegrityException if the stored value cannot be read from JSON as {@code type}
     * @throws OperationInterruptedException if interrupted while another thread loads
     * @throws RuntimeException if the loader throws it; nothing is stored then
     */
    public <T> T fetch(String key, Class<T> type, Supplier<? extends T> loader) {
        return fetchValue(key, type, null, loader);
    }

    /**
     * Returns the value like {@link #fetch(String, Class, Supplier)}, and stores a loaded value with a time to live. A
     * call after that time loads the value again.
     *
     * @param ttl time to live, positive
     * @throws IllegalArgumentException under the conditions of {@link #fetch(String, Class, Supplier)}, and if the time
     *     to live is not positive
     */
    public <T> T fetch(String key, Class<T> type, Duration ttl, Supplier<? extends T> loader) {
        return fetchValue(key, type, UserValues.requirePositive(ttl), loader);
    }

    private <T> T fetchValue(String key, Class<T> type, @Nullable Duration ttl, Supplier<? extends T> loader) {
        requireOpen();
        if (key.startsWith("v1:")) {
            throw new IllegalArgumentException("The key " + Utf8.quote(key)
                    + " is reserved, as are all keys that begin with v1:. Use fetch(CacheKey, …) for a"
                    + " packument or partition, and another prefix for your own keys.");
        }
        return values.fetch(key, type, ttl, loader);
    }

    /**
     * Runs {@link #fetch(String, Class, Duration, Supplier)} on the executor. The future fails with the exception that
     * the method throws.
     */
    public <T> CompletableFuture<T> fetchAsync(String key, Class<T> type, Duration ttl, Supplier<? extends T> loader) {
        requireOpen();
        return CancellableCall.start(executor, () -> fetch(key, type, ttl, loader), value -> {});
    }

    /** Checks every stored value; see {@link StorageDriver#verify}. */
    public VerifyReport verify(VerifyOptions options) {
        requireOpen();
        return driver.verify(options);
    }

    /** Returns the receiver that reads bodies from the network within this cache's byte budget. */
    public BodyReceiver receiver() {
        return receiver;
    }

    /** Returns the driver that this cache stores its values in. */
    public StorageDriver driver() {
        return driver;
    }

    /** Returns the clock that this cache uses. */
    public Clock clock() {
        return clock;
    }

    private void requireOpen() {
        if (closed) {
            throw isClosed();
        }
    }

    private static IllegalStateException isClosed() {
        return new IllegalStateException("The cache is closed.");
    }

    /**
     * Stops background refreshes, and closes the driver if this cache created it. Idempotent.
     *
     * <p>If the cache created its executor, incomplete futures fail. Running loads are interrupted, and their futures
     * fail with the loader's exception. Futures that still wait for a thread fail with IllegalStateException.
     */
    @Override
    public void close() {
        closed = true;
        if (ownedExecutor != null) {
            for (Runnable task : ownedExecutor.shutdownNow()) {
                if (task instanceof CancellableCall<?> call) {
                    call.abandon(isClosed());
                }
            }
        }
        if (ownsDriver) {
            driver.close();
        }
    }

    /**
     * Builds a {@link Cache}. Every option has a default, and an option set here overrides the environment. Not
     * thread-safe.
     */
    public static final class Builder {
        private static final int DEFAULT_THREADS = 16;

        private Env env = Env.of(Map.of());
        private boolean fromEnv;
        private @Nullable StorageDriver driver;
        private boolean ownsDriver;
        private @Nullable EntryFormat format;
        private @Nullable Long memoryBytes;
        private @Nullable BodyReceiver receiver;
        private Clock clock = Clock.systemUTC();
        private @Nullable Executor executor;
        private CacheListener listener = CacheListener.NONE;

        private Builder() {}

        /**
         * Sets a shared driver, which the cache does not close. Default: a
         * {@link io.alldocs.cache.MemoryStorageDriver}, which the cache closes.
         */
        public Builder driver(StorageDriver driver) {
            this.driver = Objects.requireNonNull(driver, "driver");
            return this;
        }

        private Builder ownDriver(StorageDriver driver) {
            this.ownsDriver = true;
            return driver(driver);
        }

        /**
         * Sets the environment that configures the cache. It determines the driver ({@link StorageDrivers}), the entry
         * format ({@code ENTRY_FORMAT}: native or json), the memory tier ({@code CACHE_MEMORY_BYTES}) and the receiver
         * ({@link BodyReceiver#of(Env)}). The cache closes that driver. Default: nothing is read from the environment.
         */
        public Builder env(Env env) {
            this.env = Objects.requireNonNull(env, "env");
            this.fromEnv = true;
            return this;
        }

        /**
         * Sets the format of stored entries. Default: the driver's {@link StorageDriver#preferredFormat()}, which is
         * {@link EntryFormat#NATIVE} for most drivers.
         */
        public Builder format(EntryFormat format) {
            this.format = Objects.requireNonNull(format, "format");
            return this;
        }

        /**
         * Sets how many bytes of stored bodies are also kept in memory; 0 keeps none. Default: 0.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder memoryBytes(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException(
                        "The memory for stored bodies must not be negative, but is " + bytes + " bytes.");
            }
            this.memoryBytes = bytes;
            return this;
        }

        /** Sets the receiver of bodies. Default: {@link BodyReceiver#withDefaults()}. */
        public Builder receiver(BodyReceiver receiver) {
            this.receiver = Objects.requireNonNull(receiver, "receiver");
            return this;
        }

        /** Sets the clock. Default: the system clock. */
        public Builder clock(Clock clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /**
         * Sets a shared executor for fetchAsync and background refreshes; the cache does not close it. Default: up to
         * 16 daemon threads, which end after 10 idle seconds.
         */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /** Sets the listener that is notified of each {@code fetch}. Default: {@link CacheListener#NONE}. */
        public Builder listener(CacheListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Returns the cache, ready for use.
         *
         * @throws IllegalArgumentException if a variable of the environment has an invalid value
         * @throws IllegalStateException if the driver named in the environment is not found
         */
        public Cache build() {
            return new Cache(this);
        }
    }
}
