package io.alldocs.storage.emulators;

import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.storage.emulators.FakeKv.Item;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Stored values that readers see only some requests after they were written. Thread-safe. */
final class LaggingItems {

    /** The previous state of a name, which readers see until the request with number {@code until}. */
    private record Before(@Nullable Item item, long until) {}

    private final Map<String, Item> items = new ConcurrentSkipListMap<>(KeyOrder.UTF8);
    private final Map<String, Before> before = new ConcurrentHashMap<>();
    private final AtomicLong requests = new AtomicLong();
    private volatile int lag;

    /** Returns a mutable view of the values as they were written last. */
    Map<String, Item> all() {
        return items;
    }

    /** Makes later writes visible only after this many requests; 0 means at once. */
    void lag(int requests) {
        lag = requests;
    }

    void countRequest() {
        requests.incrementAndGet();
    }

    /** @param item null to delete */
    synchronized void write(String name, @Nullable Item item) {
        if (lag > 0) {
            before.put(name, new Before(seen(name), requests.get() + lag));
        } else {
            before.remove(name);
        }
        if (item == null) {
            items.remove(name);
        } else {
            items.put(name, item);
        }
    }

    /** Returns the value that readers see now; null if there is none. */
    synchronized @Nullable Item seen(String name) {
        Before old = before.get(name);
        return old != null && requests.get() < old.until() ? old.item() : items.get(name);
    }
}
