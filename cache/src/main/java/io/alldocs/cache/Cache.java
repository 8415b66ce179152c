package io.alldocs.cache;

import io.alldocs.Env;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.entry.MemoryTier;
import io.alldocs.cache.internal.run.RequestCoalescer;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.ValueTooLargeException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import io.alldocs.spi.CancellableCall;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
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

    Cache(CacheBuilder builder) {
        this.receiver = builder.receiver();
        this.clock = builder.clock;
        long memoryBytes = builder.memoryBytes();
        Optional<EntryFormat> format = builder.format();
        this.ownsDriver = builder.closesDriver();
        this.driver = builder.openDriver();
        this.store = new EntryStore(
                driver,
                format.orElse(driver.preferredFormat()),
                new MemoryTier<>(memoryBytes, stored -> stored.body().sizeBytes()));
        this.ownedExecutor = builder.executor == null ? CacheBuilder.newExecutor() : null;
        this.executor = ownedExecutor != null ? ownedExecutor : Objects.requireNonNull(builder.executor);
        RequestCoalescer<CacheEntry> coalescer =
                new RequestCoalescer<>(OperationInterruptedException::new, CacheEntry::share, CacheEntry::close);
        this.values = new UserValues(driver, store, coalescer, clock);
        CacheListener listener = GuardedCacheListener.of(builder.listener);
        this.counter = new FetchCounter(listener);
        this.loads = new StoredLoads(store, clock, listener);
        this.fetches = new Fetches(store, loads, coalescer, clock, executor);
    }

    /**
     * Returns a builder in which every option has a default: {@code Cache.builder().build()} keeps entries in memory.
     */
    public static CacheBuilder builder() {
        return new CacheBuilder();
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
        requireOpen();
        values.set(key, value, null);
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
        requireOpen();
        values.set(key, value, ttl);
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
        return values.setIfAbsent(key, value);
    }

    /** Returns whether a value exists, damaged or not, whose time to live has not passed. */
    public boolean has(String key) {
        requireOpen();
        return values.has(key);
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
        requireOpen();
        return values.fetch(key, type, null, loader);
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
        requireOpen();
        return values.fetch(key, type, UserValues.requirePositive(ttl), loader);
    }

    /** Runs like {@link #fetchAsync(String, Class, Duration, Supplier)}, without a time to live. */
    public <T> CompletableFuture<T> fetchAsync(String key, Class<T> type, Supplier<? extends T> loader) {
        requireOpen();
        return CancellableCall.start(executor, () -> fetch(key, type, loader), value -> {});
    }

    /**
     * Runs {@link #fetch(String, Class, Duration, Supplier)} on the executor. The future fails with the exception that
     * the method throws.
     */
    public <T> CompletableFuture<T> fetchAsync(String key, Class<T> type, Duration ttl, Supplier<? extends T> loader) {
        requireOpen();
        return CancellableCall.start(executor, () -> fetch(key, type, ttl, loader), value -> {
            if (value instanceof CacheEntry entry) {
                entry.close();
            }
        });
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
}
