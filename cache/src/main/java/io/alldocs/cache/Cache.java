package io.alldocs.cache;

import io.alldocs.cache.spi.StorageDriver;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/** Entries over a storage driver: freshness, modes, coalescing, a memory tier. Safe for concurrent use. */
public final class Cache implements AutoCloseable {

    private Cache() {}

    public static Builder builder() {
        throw new AssertionError("skeleton");
    }

    /** @throws IntegrityException when bytes and digest differ, or the value does not fit {@code type}; nothing damaged is ever returned */
    public <T> Optional<T> get(String key, Class<T> type) {
        throw new AssertionError("skeleton");
    }

    public Optional<CacheEntry> entry(CacheKey key) {
        throw new AssertionError("skeleton");
    }

    /** Head alone, without reading the body. */
    public Optional<EntryHead> head(CacheKey key) {
        throw new AssertionError("skeleton");
    }

    public void set(String key, Object value) {
        throw new AssertionError("skeleton");
    }

    public boolean has(String key) {
        throw new AssertionError("skeleton");
    }

    public void delete(String key) {
        throw new AssertionError("skeleton");
    }

    /** Keys with {@code prefix} in the driver's order; close the stream. */
    public Stream<String> keys(String prefix) {
        throw new AssertionError("skeleton");
    }

    /** The stored value or the loaded one, as {@code mode} says. Concurrent calls for one key load once. */
    public CacheEntry fetch(CacheKey key, CacheMode mode, Loader loader) {
        throw new AssertionError("skeleton");
    }

    public CompletableFuture<CacheEntry> fetchAsync(CacheKey key, CacheMode mode, Loader loader) {
        throw new AssertionError("skeleton");
    }

    public VerifyReport verify(VerifyOptions options) {
        throw new AssertionError("skeleton");
    }

    /** Takes bodies off the wire within this cache's byte budget. */
    public BodyReceiver receiver() {
        throw new AssertionError("skeleton");
    }

    public StorageDriver driver() {
        throw new AssertionError("skeleton");
    }

    public Clock clock() {
        throw new AssertionError("skeleton");
    }

    @Override
    public void close() {}

    /** Everything has a default. */
    public static final class Builder {
        private Builder() {}

        /** Shared, not closed by the cache. Default: {@link io.alldocs.cache.MemoryStorageDriver}, closed by the cache. */
        public Builder driver(StorageDriver driver) {
            throw new AssertionError("skeleton");
        }

        /** Driver, entry format and memory tier as the environment says; the driver is closed by the cache. */
        public Builder env(Env env) {
            throw new AssertionError("skeleton");
        }

        /** Default: {@link EntryFormat#NATIVE}. */
        public Builder format(EntryFormat format) {
            throw new AssertionError("skeleton");
        }

        /** Bytes of stored bodies kept in memory, 0 for none. Default: 0. */
        public Builder memoryBytes(long bytes) {
            throw new AssertionError("skeleton");
        }

        public Builder receiver(BodyReceiver receiver) {
            throw new AssertionError("skeleton");
        }

        public Builder clock(Clock clock) {
            throw new AssertionError("skeleton");
        }

        public Builder executor(Executor executor) {
            throw new AssertionError("skeleton");
        }

        public Cache build() {
            throw new AssertionError("skeleton");
        }
    }
}
