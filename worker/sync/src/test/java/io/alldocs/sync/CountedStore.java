package io.alldocs.sync;

import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** An in-memory store that counts the calls of each kind for packument keys. */
final class CountedStore {
    private final MemoryStorageDriver store = new MemoryStorageDriver();
    private final Map<String, AtomicLong> calls = new ConcurrentHashMap<>();

    StorageDriver driver() {
        return HookedStore.of(store, (method, key) -> {
            if (key.startsWith("v1:packument:")) {
                calls.computeIfAbsent(method, name -> new AtomicLong()).incrementAndGet();
            }
        });
    }

    long calls(String method) {
        return calls.getOrDefault(method, new AtomicLong()).get();
    }

    void reset() {
        calls.clear();
    }
}
