package io.alldocs.cache;

import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.util.Optional;
import java.util.stream.Stream;

/** A memory store that counts calls; tests can override its behavior. */
class CountingDriver implements StorageDriver {
    final MemoryStorageDriver store = new MemoryStorageDriver();
    volatile int gets;
    volatile int puts;

    @Override
    public String name() {
        return "counting";
    }

    @Override
    public StorageCapabilities capabilities() {
        return store.capabilities();
    }

    @Override
    public synchronized Optional<StoredEntry> get(String key) {
        gets++;
        return store.get(key);
    }

    @Override
    public Optional<EntryHead> head(String key) {
        return store.head(key);
    }

    @Override
    public synchronized void put(String key, EntryHead head, Body body) {
        puts++;
        store.put(key, head, body);
    }

    @Override
    public void delete(String key) {
        store.delete(key);
    }

    @Override
    public Stream<String> list(String prefix, String startAfter) {
        return store.list(prefix, startAfter);
    }

    @Override
    public void close() {
        store.close();
    }
}
