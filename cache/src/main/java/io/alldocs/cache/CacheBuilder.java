package io.alldocs.cache;

import io.alldocs.Env;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.spi.StorageDriver;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link Cache}. Every option has a default, and an option set here overrides the environment. Not
 * thread-safe.
 */
public final class CacheBuilder {
    private static final int DEFAULT_THREADS = 16;

    private Env env = Env.NONE;
    private @Nullable StorageDriver driver;
    private boolean ownsDriver;
    private @Nullable EntryFormat format;
    private @Nullable Long memoryBytes;
    private @Nullable BodyReceiver receiver;
    Clock clock = Clock.systemUTC();

    @Nullable
    Executor executor;

    CacheListener listener = CacheListener.NONE;

    CacheBuilder() {}

    /**
     * Sets a shared driver, which the cache does not close. Default: the driver that {@link #env} names, or without an
     * environment a {@link MemoryStorageDriver}. The cache closes either.
     */
    public CacheBuilder driver(StorageDriver driver) {
        this.driver = Objects.requireNonNull(driver, "driver");
        return this;
    }

    CacheBuilder ownDriver(StorageDriver driver) {
        this.ownsDriver = true;
        return driver(driver);
    }

    /**
     * Sets the environment that configures the cache. It determines the driver ({@link StorageDrivers}), the entry
     * format ({@code ENTRY_FORMAT}: native or json), the memory tier ({@code CACHE_MEMORY_BYTES}) and the receiver
     * ({@link BodyReceiver#of(Env)}). The cache closes that driver. {@link Env#system()} is the environment of the
     * process. Default: {@link Env#NONE}; nothing is read, and the driver is in memory.
     */
    public CacheBuilder env(Env env) {
        this.env = Objects.requireNonNull(env, "env");
        return this;
    }

    /**
     * Sets the format of stored entries. Default: that of {@link #env}, or else the driver's
     * {@link StorageDriver#preferredFormat()}, which is {@link EntryFormat#NATIVE} for most drivers.
     */
    public CacheBuilder format(EntryFormat format) {
        this.format = Objects.requireNonNull(format, "format");
        return this;
    }

    /**
     * Sets how many bytes of stored bodies are also kept in memory; 0 keeps none. Default: that of {@link #env}, or
     * else 0.
     *
     * @throws IllegalArgumentException if negative
     */
    public CacheBuilder memoryBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(
                    "The memory for stored bodies must not be negative, but is " + bytes + " bytes.");
        }
        this.memoryBytes = bytes;
        return this;
    }

    /** Sets the receiver of bodies. Default: the one that {@link #env} configures; see {@link BodyReceiver#of(Env)}. */
    public CacheBuilder receiver(BodyReceiver receiver) {
        this.receiver = Objects.requireNonNull(receiver, "receiver");
        return this;
    }

    /** Sets the clock. Default: the system clock. */
    public CacheBuilder clock(Clock clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
        return this;
    }

    /**
     * Sets a shared executor for fetchAsync and background refreshes; the cache does not close it. Default: up to
     * 16 daemon threads, which end after 10 idle seconds.
     */
    public CacheBuilder executor(Executor executor) {
        this.executor = Objects.requireNonNull(executor, "executor");
        return this;
    }

    /** Sets the listener that is notified of each {@code fetch}. Default: {@link CacheListener#NONE}. */
    public CacheBuilder listener(CacheListener listener) {
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

    /** Returns the given driver, or else a new one that {@link #closesDriver() the cache closes}. */
    StorageDriver openDriver() {
        if (driver != null) {
            return driver;
        }
        return env == Env.NONE ? new MemoryStorageDriver() : StorageDrivers.create(env);
    }

    boolean closesDriver() {
        return driver == null || ownsDriver;
    }

    /** Returns the given format, or the one that the environment names. */
    Optional<EntryFormat> format() {
        return format != null ? Optional.of(format) : formatOf(env);
    }

    long memoryBytes() {
        return memoryBytes == null ? env.getLong("CACHE_MEMORY_BYTES", 0, 0, Long.MAX_VALUE) : memoryBytes;
    }

    BodyReceiver receiver() {
        return receiver == null ? BodyReceiver.of(env) : receiver;
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
    static ExecutorService newExecutor() {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                DEFAULT_THREADS, DEFAULT_THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "all-docs-cache-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}
