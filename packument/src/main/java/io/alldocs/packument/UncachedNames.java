package io.alldocs.packument;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.scan.KeyPresence;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageDriver;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Finds the names that are absent from a store. Uses one listing per origin, from the first of its keys to the last.
 */
final class UncachedNames {
    private final StorageDriver driver;

    UncachedNames(StorageDriver driver) {
        this.driver = driver;
    }

    /**
     * @param keyOf returns the key of a name; throws IllegalArgumentException for an invalid name, which is left out
     */
    Set<String> among(Collection<String> names, Function<String, CacheKey> keyOf) {
        if (!driver.capabilities().orderedListing()) {
            return Set.of(); // would only detect a completely empty store, and cost one request per batch
        }
        Map<String, SortedMap<String, String>> namesByKey = new HashMap<>();
        for (String name : names) {
            try {
                CacheKey key = keyOf.apply(name);
                namesByKey
                        .computeIfAbsent(key.origin(), origin -> new TreeMap<>(KeyOrder.UTF8))
                        .put(key.toString(), name);
            } catch (IllegalArgumentException e) {
                // The name is invalid; the request for it reports that.
            }
        }
        Set<String> absent = new HashSet<>();
        namesByKey.values().forEach(keys -> addAbsent(keys, absent));
        return absent;
    }

    private void addAbsent(SortedMap<String, String> namesByKey, Set<String> absent) {
        try (KeyPresence held = new KeyPresence(driver, commonPrefix(namesByKey.firstKey(), namesByKey.lastKey()))) {
            namesByKey.forEach((key, name) -> {
                if (!held.mayHold(key)) {
                    absent.add(name);
                }
            });
        }
    }

    /** Returns the common prefix of two keys in order, which all keys between them share. */
    private static String commonPrefix(String first, String last) {
        int length = 0;
        while (length < Math.min(first.length(), last.length()) && first.charAt(length) == last.charAt(length)) {
            length++;
        }
        return first.substring(0, length);
    }
}
