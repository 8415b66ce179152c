package io.alldocs.cache;

import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keeps everything on the heap until closed: the reference driver, for tests and small tools. Driver name {@code memory}. */
public final class MemoryStorageDriver implements StorageDriver {

    public MemoryStorageDriver() {}

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public StorageCapabilities capabilities() {
        throw new AssertionError("skeleton");
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        throw new AssertionError("skeleton");
    }

    @Override
    public Optional<EntryHead> head(String key) {
        throw new AssertionError("skeleton");
    }

    @Override
    public void put(String key, EntryHead head, Body body) {
        throw new AssertionError("skeleton");
    }

    @Override
    public void delete(String key) {
        throw new AssertionError("skeleton");
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        throw new AssertionError("skeleton");
    }

    @Override
    public void close() {}
}
