package io.alldocs.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Records which packuments one executor of steps stored or confirmed, and when. Each stored packument may have replaced
 * a newer one. Safe for concurrent use.
 */
final class StoredOutcomes {
    private final Map<String, Long> storedNanos = new ConcurrentHashMap<>();

    /** Called after the packument is stored. */
    void add(String name) {
        storedNanos.put(name, System.nanoTime());
    }

    /** @param nanos a value of {@link System#nanoTime} */
    List<String> since(long nanos) {
        List<String> names = new ArrayList<>();
        storedNanos.forEach((name, stored) -> {
            if (stored - nanos >= 0) {
                names.add(name);
            }
        });
        return names;
    }
}
