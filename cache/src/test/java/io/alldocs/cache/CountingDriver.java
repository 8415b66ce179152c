package io.alldocs.cache;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A store, in memory by default, that counts calls and can lose bytes of a body; tests can override its behavior. */
public class CountingDriver implements StorageDriver {
    public final StorageDriver store;
    private final Map<String, Body> damagedBodies = new ConcurrentHashMap<>();
    public volatile int gets;
    public volatile int puts;

    public CountingDriver() {
        this(new MemoryStorageDriver());
    }

    public CountingDriver(StorageDriver store) {
        this.store = store;
    }

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
        Body damaged = damagedBodies.get(key);
        return store.get(key).map(entry -> damaged == null ? entry : new StoredEntry(entry.head(), damaged));
    }

    /** Replaces the body of an entry with bytes that its head need not describe, as a broken disk may do. */
    public void damage(String key, byte[] body) {
        damagedBodies.put(key, Body.of(body));
    }

    @Override
    public Optional<EntryMetadata> head(String key) {
        return store.head(key);
    }

    @Override
    public synchronized void put(String key, EntryMetadata head, Body body) {
        puts++;
        store.put(key, head, body);
        damagedBodies.remove(key);
    }

    @Override
    public void delete(String key) {
        store.delete(key);
        damagedBodies.remove(key);
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
