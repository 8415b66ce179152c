package io.alldocs.examples.programs;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A custom storage driver that stores its values with another driver, and counts reads and writes. */
record CountingStorageDriver(StorageDriver store, LongAdder reads, LongAdder writes) implements StorageDriver {
    @Override
    public String name() {
        return "counting";
    }

    @Override
    public StorageCapabilities capabilities() {
        return store.capabilities();
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        reads.increment();
        return store.get(key);
    }

    @Override
    public Optional<EntryMetadata> head(String key) {
        reads.increment();
        return store.head(key);
    }

    @Override
    public void put(String key, EntryMetadata head, Body body) {
        writes.increment();
        store.put(key, head, body);
    }

    @Override
    public boolean putHead(String key, EntryMetadata head) {
        writes.increment();
        return store.putHead(key, head);
    }

    @Override
    public boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        writes.increment();
        return store.putIfAbsent(key, head, body);
    }

    @Override
    public void delete(String key) {
        writes.increment();
        store.delete(key);
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        return store.list(prefix, startAfter);
    }

    @Override
    public void close() {
        store.close();
    }
}
