package io.alldocs.examples.programs.bootstrap;

import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** A store in memory that counts the calls of each kind for keys of packuments, and the keys that its listings gave. */
final class CountedStore {
    private final MemoryStorageDriver store = new MemoryStorageDriver();
    private final Map<String, AtomicLong> calls = new ConcurrentHashMap<>();
    private final AtomicLong listed = new AtomicLong();

    StorageDriver driver() {
        return (StorageDriver) Proxy.newProxyInstance(
                StorageDriver.class.getClassLoader(), new Class<?>[] {StorageDriver.class}, (proxy, method, args) -> {
                    if (args != null && args[0] instanceof String key && key.startsWith("v1:packument:")) {
                        calls.computeIfAbsent(method.getName(), name -> new AtomicLong())
                                .incrementAndGet();
                    }
                    try {
                        Object result = method.invoke(store, args);
                        return result instanceof Stream<?> keys ? keys.peek(key -> listed.incrementAndGet()) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    long calls(String method) {
        return calls.getOrDefault(method, new AtomicLong()).get();
    }

    long listed() {
        return listed.get();
    }

    void reset() {
        calls.clear();
        listed.set(0);
    }
}
