package io.alldocs.sync;

import io.alldocs.cache.spi.StorageDriver;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A store that calls a test before and after each call that has a key. */
final class HookedStore {
    private HookedStore() {}

    /** The action of a test; an exception is thrown to the caller of the store. */
    interface Hook {
        void before(String method, String key) throws Exception;

        /** Runs after a successful call. */
        default void after(String method, String key) throws Exception {}
    }

    static StorageDriver of(StorageDriver store, Hook hook) {
        return (StorageDriver) Proxy.newProxyInstance(
                StorageDriver.class.getClassLoader(), new Class<?>[] {StorageDriver.class}, (proxy, method, args) -> {
                    String key = args != null && args[0] instanceof String text ? text : null;
                    if (key != null) {
                        hook.before(method.getName(), key);
                    }
                    Object result;
                    try {
                        result = method.invoke(store, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (key != null) {
                        hook.after(method.getName(), key);
                    }
                    return result;
                });
    }
}
