package io.alldocs.worker.mirror;

import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The memory driver, except that an action runs just before the next body is read, such as a write of another process.
 */
final class InterferingDriver implements StorageDriver {
    private final MemoryStorageDriver memory = new MemoryStorageDriver();
    private final AtomicReference<@Nullable Runnable> next = new AtomicReference<>();

    /** Runs {@code interference} once, before the next body is read. */
    void beforeNextBody(Runnable interference) {
        next.set(interference);
    }

    /** Returns whether a body was read since {@link #beforeNextBody}. */
    boolean hasInterfered() {
        return next.get() == null;
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        Runnable interference = next.getAndSet(null);
        if (interference != null) {
            interference.run();
        }
        return memory.get(key);
    }

    @Override
    public String name() {
        return memory.name();
    }

    @Override
    public StorageCapabilities capabilities() {
        return memory.capabilities();
    }

    @Override
    public Optional<EntryMetadata> head(String key) {
        return memory.head(key);
    }

    @Override
    public void put(String key, EntryMetadata head, Body body) {
        memory.put(key, head, body);
    }

    @Override
    public void delete(String key) {
        memory.delete(key);
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        return memory.list(prefix, startAfter);
    }

    @Override
    public void close() {
        memory.close();
    }
}
