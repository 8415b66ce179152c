package io.alldocs.cache;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
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
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Entries over a storage driver: freshness, modes, coalescing, a memory tier. Safe for concurrent use.
 *
 * <p>Two kinds of values live side by side. Under a {@link CacheKey} stand entries that a {@link Loader} brought: {@link #fetch}, {@link #entry},
 * {@link #head}. Under any other key stand JSON values of the user's: {@link #set}, {@link #get} and
 * {@link #fetch(String, Class, Supplier)}. Every method throws {@link StorageException}
 * when the store refuses or cannot be reached, and IllegalStateException after {@link #close()}.
 *
 * <p>Whatever is read is checked against its recorded digest before a byte is handed out. What is damaged is never served: {@link #get} and
 * {@link #entry} throw {@link IntegrityException}, {@link #fetch} loads it again.
 */
public final class Cache implements AutoCloseable {
    private final StorageDriver driver;
    private final boolean ownsDriver;
    private final EntryStore store;
    private final BodyReceiver receiver;
    private final Clock clock;
    private final Executor executor;
    private final @Nullable ExecutorService ownedExecutor;
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
        this.store = new EntryStore(driver, asked.orElse(driver.preferredFormat()), new MemoryTier(memoryBytes));
        this.ownedExecutor = builder.executor == null ? newExecutor() : null;
        this.executor = ownedExecutor != null ? ownedExecutor : Objects.requireNonNull(builder.executor);
        Flights flights = new Flights();
        this.values = new UserValues(store, flights, clock);
        this.counter = new FetchCounter(builder.listener);
        this.fetches = new Fetches(store, new StoredLoads(store, clock, builder.listener), flights, clock, executor);
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

    /** Threads that end when idle; for refreshes in the background and fetchAsync. */
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

    /** Everything has a default: {@code Cache.builder().build()} keeps entries in memory. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A cache of its own for checkpoints, in the driver that {@code CHECKPOINT_DRIVER} names; that driver reads the same variables as it would for entries,
     * and is closed by the cache. Empty when none is named: then the entries' cache holds them, unless its store may answer with old values after a write
     * ({@link PartitionCheckpoint} refuses it then).
     *
     * @throws IllegalArgumentException when a variable of the environment has a wrong value
     * @throws IllegalStateException when the driver is not found
     */
    public static Optional<Cache> forCheckpoints(Env env) {
        return StorageDrivers.createForCheckpoints(env)
                .map(driver -> builder().env(env).ownDriver(driver).build());
    }

    /**
     * The value under {@code key}, from JSON. Under a cache key this is the entry's decoded body, whatever its form; {@code CacheEntry.class} gives the
     * entry itself.
     *
     * @param type as Jackson reads it: {@code JsonNode.class}, {@code Map.class}, a record of yours …
     * @throws IntegrityException when bytes and digest differ, or the value does not fit {@code type}; nothing damaged is ever returned
     */
    public <T> Optional<T> get(String key, Class<T> type) {
        requireOpen();
        Optional<CacheEntry> entry = CacheKey.find(key).isPresent() ? entry(key) : values.read(key);
        return entry.map(found -> UserValues.as(key, found, type));
    }

    /**
     * The entry under {@code key}, however old; empty when there is none.
     *
     * @throws IntegrityException when it is damaged; nothing of it is returned
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
     * Head alone, without reading the body (but in the JSON form, where both are one value); empty when there is none.
     *
     * @throws IntegrityException when what is stored is no head
     */
    public Optional<EntryHead> head(CacheKey key) {
        requireOpen();
        return store.head(key.toString());
    }

    /**
     * Stores {@code value} as JSON, replacing what was there. A {@link CacheEntry} is stored as the entry it is, head and body.
     *
     * @param key any text, except a malformed key that begins with {@code v1:}
     * @throws IllegalArgumentException when Jackson cannot write the value, or the key begins with {@code v1:} and is malformed
     * @throws ValueTooLargeException when it is larger than the store takes
     */
    public void set(String key, Object value) {
        store(key, value, null);
    }

    /**
     * Stores {@code value} as {@link #set(String, Object)} does, with a time to live. When it is over, {@link #get}, {@link #has} and {@code fetch} treat the
     * value as absent; {@link #keys} lists it until it is replaced or deleted. A {@link CacheEntry} is fresh for this time from now, unless its headers say
     * otherwise.
     *
     * @param ttl time to live, positive
     * @throws IllegalArgumentException as {@link #set(String, Object)}, and when the time to live is not positive
     * @throws ValueTooLargeException when it is larger than the store takes
     */
    public void set(String key, Object value, Duration ttl) {
        store(key, value, UserValues.requirePositive(ttl));
    }

    /**
     * Stores {@code value} as {@link #set(String, Object)} does, unless the key is there. Where the store has conditional puts, exactly one of several
     * processes that call this at the same time stores its value; elsewhere several may.
     *
     * @return false when the key was there, and nothing was changed
     * @throws IllegalArgumentException as {@link #set(String, Object)}
     * @throws ValueTooLargeException when it is larger than the store takes
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
            EntryHead head = ttl == null
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

    /** Whether there is a value, damaged or not, whose time to live is not over. */
    public boolean has(String key) {
        requireOpen();
        if (key.startsWith("v1:")) {
            return driver.has(key); // entries expire by their headers, and stay
        }
        try {
            return driver.head(key).filter(values::isAlive).isPresent();
        } catch (IntegrityException e) {
            return true;
        }
    }

    /** Absent keys are fine. */
    public void delete(String key) {
        requireOpen();
        store.delete(key);
    }

    /** Keys with {@code prefix} in the driver's order; close the stream. */
    public Stream<String> keys(String prefix) {
        return keys(prefix, null);
    }

    /** As {@link #keys(String)}, of those after {@code startAfter}; null for all. */
    Stream<String> keys(String prefix, @Nullable String startAfter) {
        requireOpen();
        return driver.list(prefix, startAfter);
    }

    /** What was read from the {@link #store()}. */
    CacheEntry entry(Stored stored) {
        return StoredLoads.stored(stored, clock.instant());
    }

    /** For reading in bulk. */
    EntryStore store() {
        requireOpen();
        return store;
    }

    /**
     * The stored value or the loaded one, as {@code mode} says. Concurrent calls for one key load once: one of them runs its loader on its own thread,
     * the others wait. When that thread is interrupted, one of the others takes over; an error of the loader reaches them all. What is stored in a form
     * that does not go with the key ({@link EntryHead#form()}), and what is damaged, is a miss.
     *
     * <p>In the time of stale-while-revalidate the loader runs on the executor instead, and its errors are only logged (at DEBUG): the entry stays as it
     * is.
     *
     * @throws NotCachedException in mode {@link CacheMode#ONLY_IF_CACHED} when nothing is stored
     * @throws StorageException when the store cannot be read, or the loaded value cannot be stored: it is lost then, and the next call loads it again
     * @throws ValueTooLargeException when the loaded value is larger than the store takes, and the loader said nothing to record instead
     * @throws OperationInterruptedException when interrupted while another thread loads
     * @throws RuntimeException what the loader threw, as it is
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

    /** How the calls of {@link #fetch(CacheKey, CacheMode, Loader)} were answered since this cache was built. */
    public FetchCounts fetchCounts() {
        return counter.counts();
    }

    /**
     * As {@link #fetch}, on the executor; the future fails with what that throws, or what the executor that refuses it says. Cancelling it interrupts the load
     * unless others wait for it too, one of whom then takes over.
     */
    public CompletableFuture<CacheEntry> fetchAsync(CacheKey key, CacheMode mode, Loader loader) {
        requireOpen();
        return CancellableCall.start(executor, () -> fetch(key, mode, loader));
    }

    /**
     * Returns the stored value of a key of the user's own, or the value that {@code loader} returns, which is stored without a time to live. Concurrent calls for
     * one key run one loader; the others wait for its value, or fail with its exception. A damaged value is loaded again.
     *
     * @param key any text that is not a {@link CacheKey}
     * @throws IllegalArgumentException when the key begins with {@code v1:}, the loader returns null, or Jackson cannot write what it returns
     * @throws IntegrityException when the stored value is not a {@code type} in JSON
     * @throws OperationInterruptedException when interrupted while another thread loads
     * @throws RuntimeException what the loader throws; nothing is stored then
     */
    public <T> T fetch(String key, Class<T> type, Supplier<? extends T> loader) {
        return fetchValue(key, type, null, loader);
    }

    /**
     * As {@link #fetch(String, Class, Supplier)}, and stores what is loaded with a time to live: when it is over, the next call loads again.
     *
     * @param ttl time to live, positive
     * @throws IllegalArgumentException as the call above, and when the time to live is not positive
     */
    public <T> T fetch(String key, Class<T> type, Duration ttl, Supplier<? extends T> loader) {
        return fetchValue(key, type, UserValues.requirePositive(ttl), loader);
    }

    private <T> T fetchValue(String key, Class<T> type, @Nullable Duration ttl, Supplier<? extends T> loader) {
        requireOpen();
        if (key.startsWith("v1:")) {
            throw new IllegalArgumentException(
                    "Keys that begin with v1: are reserved: " + Utf8.quote(key)
                            + ". Use fetch(CacheKey, …) for a packument or partition, or another prefix for a key of your own.");
        }
        return values.fetch(key, type, ttl, loader);
    }

    /** As {@link #fetch(String, Class, Duration, Supplier)}, on the executor; the future fails with what that throws. */
    public <T> CompletableFuture<T> fetchAsync(String key, Class<T> type, Duration ttl, Supplier<? extends T> loader) {
        requireOpen();
        return CancellableCall.start(executor, () -> fetch(key, type, ttl, loader));
    }

    /** Checks every stored value; see {@link StorageDriver#verify}. */
    public VerifyReport verify(VerifyOptions options) {
        requireOpen();
        return driver.verify(options);
    }

    /** Takes bodies off the wire within this cache's byte budget. */
    public BodyReceiver receiver() {
        return receiver;
    }

    /** What this cache stores in. */
    public StorageDriver driver() {
        return driver;
    }

    /** What this cache tells the time by. */
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
     * Ends refreshes in the background, and closes the driver if this cache made it. Where the executor is the cache's own, futures that are not done fail: those
     * under way are interrupted and fail with what their loader throws, those that wait for a thread with IllegalStateException. Twice is fine.
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

    /** Everything has a default. What is set here counts more than what the environment says. Not thread-safe. */
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

        /** Shared, not closed by the cache. Default: {@link io.alldocs.cache.MemoryStorageDriver}, closed by the cache. */
        public Builder driver(StorageDriver driver) {
            this.driver = Objects.requireNonNull(driver, "driver");
            return this;
        }

        private Builder ownDriver(StorageDriver driver) {
            this.ownsDriver = true;
            return driver(driver);
        }

        /**
         * Driver ({@link StorageDrivers}), entry format ({@code ENTRY_FORMAT}: native or json), memory tier ({@code CACHE_MEMORY_BYTES}) and receiver
         * ({@link BodyReceiver#of(Env)}) as the environment says; the driver is closed by the cache. Default: nothing is read from the environment.
         */
        public Builder env(Env env) {
            this.env = Objects.requireNonNull(env, "env");
            this.fromEnv = true;
            return this;
        }

        /** Default: the driver's {@link StorageDriver#preferredFormat()}, for most {@link EntryFormat#NATIVE}. */
        public Builder format(EntryFormat format) {
            this.format = Objects.requireNonNull(format, "format");
            return this;
        }

        /**
         * Bytes of stored bodies kept in memory, 0 for none. Default: 0.
         *
         * @throws IllegalArgumentException when negative
         */
        public Builder memoryBytes(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("Memory for stored bodies must not be negative: " + bytes);
            }
            this.memoryBytes = bytes;
            return this;
        }

        /** Default: {@link BodyReceiver#withDefaults()}. */
        public Builder receiver(BodyReceiver receiver) {
            this.receiver = Objects.requireNonNull(receiver, "receiver");
            return this;
        }

        /** Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /** For fetchAsync and refreshes; shared, not closed by the cache. Default: up to 16 daemon threads that end after 10 idle seconds. */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /** Receives what {@code fetch} does. Default: {@link CacheListener#NONE}. */
        public Builder listener(CacheListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * The cache, ready.
         *
         * @throws IllegalArgumentException when a variable of the environment has a wrong value
         * @throws IllegalStateException when the environment's driver is not found
         */
        public Cache build() {
            return new Cache(this);
        }
    }
}
