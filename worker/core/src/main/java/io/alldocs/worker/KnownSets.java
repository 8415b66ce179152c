package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.Cache;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/** The names of the sets that were planned, so that every worker can show their progress; stores list millions of keys too slowly for that. */
final class KnownSets {
    private static final String KEY = "v1:sets";
    private static final int MAX_SETS = 100;
    private static final int ATTEMPTS = 5;

    private final Cache cache;

    KnownSets(Cache cache) {
        this.cache = cache;
    }

    Set<String> names() {
        Set<String> names = new TreeSet<>();
        cache.get(KEY, JsonNode.class).ifPresent(array -> array.forEach(name -> names.add(name.asText())));
        return names;
    }

    /** Two who add at the same moment may overwrite each other: so each looks again. */
    void add(String set) {
        Collection<String> names = names();
        for (int i = 0; i < ATTEMPTS && !names.contains(set) && names.size() < MAX_SETS; i++) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            names.forEach(array::add);
            cache.set(KEY, array.add(set));
            names = names();
        }
    }
}
