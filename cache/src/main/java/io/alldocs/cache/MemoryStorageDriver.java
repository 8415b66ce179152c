package io.alldocs.cache;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stores everything on the heap. It is the reference driver, for tests and small tools. The driver name is
 * {@code memory}. A key has at most 8,192 bytes, enough for every {@link CacheKey}, and a body at most 2 GiB. Safe for
 * concurrent use.
 */
public final class MemoryStorageDriver implements StorageDriver {
    private static final StorageCapabilities CAPABILITIES =
            new StorageCapabilities(true, 8192, Integer.MAX_VALUE - 8, true, true, true, Integer.MAX_VALUE);

    private final ConcurrentNavigableMap<String, StoredEntry> entries;
    private volatile boolean closed;

    /** Creates a driver with a new, empty store. */
    public MemoryStorageDriver() {
        this(new ConcurrentSkipListMap<>(KeyOrder.UTF8));
    }

    private MemoryStorageDriver(ConcurrentNavigableMap<String, StoredEntry> entries) {
        this.entries = entries;
    }

    /** Returns another driver on the same store. Closing one driver does not close the other. */
    public MemoryStorageDriver share() {
        return new MemoryStorageDriver(entries);
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public StorageCapabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        require(key);
        return Optional.ofNullable(entries.get(key));
    }

    @Override
    public Optional<EntryMetadata> head(String key) {
        return get(key).map(StoredEntry::head);
    }

    @Override
    public void put(String key, EntryMetadata head, Body body) {
        require(key, head, body);
        entries.put(key, new StoredEntry(head, copy(key, body)));
    }

    @Override
    public boolean putHead(String key, EntryMetadata head) {
        require(key);
        StoredEntry stored = entries.computeIfPresent(
                key, (k, entry) -> entry.head().isOfSameBody(head) ? new StoredEntry(head, entry.body()) : entry);
        return stored != null && stored.head().isOfSameBody(head);
    }

    @Override
    public boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        require(key, head, body);
        return entries.putIfAbsent(key, new StoredEntry(head, copy(key, body))) == null;
    }

    @Override
    public void delete(String key) {
        require(key);
        entries.remove(key);
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        requireOpen();
        boolean after = startAfter != null && KeyOrder.UTF8.compare(startAfter, prefix) >= 0;
        return entries.tailMap(after ? startAfter : prefix, !after).keySet().stream()
                .takeWhile(key -> key.startsWith(prefix));
    }

    @Override
    public void close() {
        closed = true;
    }

    private void require(String key) {
        requireOpen();
        CAPABILITIES.requireKey(key);
    }

    private void require(String key, EntryMetadata head, Body body) {
        requireOpen();
        CAPABILITIES.requireEntry(key, head, body);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The memory store is closed.");
        }
    }

    /** Copies the body, because it may be a file and its owner closes it. */
    private static Body copy(String key, Body body) {
        try {
            return Body.of(body.toByteArray());
        } catch (IOException e) {
            throw new StorageException("Cannot store " + key + " in memory: its body cannot be read", true, e);
        }
    }
}
