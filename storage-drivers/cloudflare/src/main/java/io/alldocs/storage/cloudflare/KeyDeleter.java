package io.alldocs.storage.cloudflare;

import io.alldocs.cache.spi.DriverSupport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Deletes keys of a namespace, alone or many per request. */
final class KeyDeleter {
    private final Namespace namespace;
    private final DriverSupport support;

    KeyDeleter(Namespace namespace) {
        this.namespace = namespace;
        this.support = namespace.support();
    }

    void delete(String key) {
        String name = support.nameOf(key);
        namespace.attempt("delete", key, () -> {
            namespace.api().delete(name);
            return name;
        });
    }

    void deleteAll(Collection<String> keys) {
        support.requireOpen();
        Map<String, String> keyOf = new LinkedHashMap<>();
        keys.forEach(key -> keyOf.put(support.nameOf(key), key));
        List<String> all = new ArrayList<>(keyOf.keySet());
        for (int from = 0; from < all.size(); from += KvApi.MAX_WRITE) {
            Set<String> left = new LinkedHashSet<>(all.subList(from, Math.min(all.size(), from + KvApi.MAX_WRITE)));
            for (int answers = 0; !left.isEmpty(); answers++) {
                String first = keyOf.getOrDefault(left.iterator().next(), "");
                if (answers == Failures.MAX_ANSWERS) {
                    throw namespace.failures().leftUndone("delete", first);
                }
                left.retainAll(
                        namespace.attempt("delete", first, () -> namespace.api().deleteAll(left)));
            }
        }
    }
}
