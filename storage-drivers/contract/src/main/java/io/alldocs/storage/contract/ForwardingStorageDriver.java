package io.alldocs.storage.contract;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Forwards the required methods of a {@link StorageDriver} to another driver. Tests extend it to count, delay or change
 * some of the calls. The methods with a default implementation call this driver's own methods. Thread-safe if the other
 * driver is.
 */
public abstract class ForwardingStorageDriver implements StorageDriver {
    private final StorageDriver target;

    /** Forwards calls to {@code target}, and closes it with this driver. */
    protected ForwardingStorageDriver(StorageDriver target) {
        this.target = target;
    }

    @Override
    public String name() {
        return target.name();
    }

    @Override
    public StorageCapabilities capabilities() {
        return target.capabilities();
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        return target.get(key);
    }

    @Override
    public Optional<EntryMetadata> head(String key) {
        return target.head(key);
    }

    @Override
    public void put(String key, EntryMetadata head, Body body) {
        target.put(key, head, body);
    }

    @Override
    public void delete(String key) {
        target.delete(key);
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        return target.list(prefix, startAfter);
    }

    @Override
    public void close() {
        target.close();
    }
}
