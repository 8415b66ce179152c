package io.alldocs.sync;

import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A store in memory that counts the calls of each kind for keys of packuments. */
final class CountedStore {
    private final MemoryStorageDriver store = new MemoryStorageDriver();
    private final Map<String, AtomicLong> calls = new ConcurrentHashMap<>();

    StorageDriver driver() {
        return (StorageDriver) Proxy.newProxyInstance(
                StorageDriver.class.getClassLoader(), new Class<?>[] {StorageDriver.class}, (proxy, method, args) -> {
                    if (args != null && args[0] instanceof String key && key.startsWith("v1:packument:")) {
                        calls.computeIfAbsent(method.getName(), name -> new AtomicLong())
                                .incrementAndGet();
                    }
                    try {
                        return method.invoke(store, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
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
