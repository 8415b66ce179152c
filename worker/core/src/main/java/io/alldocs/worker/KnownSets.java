package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.Cache;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The names of the sets that were planned, so that every worker can show their progress; stores list millions of keys too slowly for that. Each stands in a
 * numbered place of its own, the first that was free: workers that plan at the same moment do not overwrite each other's.
 */
final class KnownSets {
    private static final String PREFIX = "v1:set:";
    private static final int MAX_SETS = 100;

    private final Cache cache;

    KnownSets(Cache cache) {
        this.cache = cache;
    }

    List<String> names() {
        List<String> names = new ArrayList<>();
        Optional<String> name = at(0);
        while (name.isPresent()) {
            names.add(name.get());
            name = at(names.size());
        }
        return names;
    }

    /** Beyond {@value #MAX_SETS} sets a new one is not shown; it is worked on all the same. */
    void add(String set) {
        for (int place = 0; place < MAX_SETS; place++) {
            if (at(place).isEmpty() && take(place, set)) {
                return;
            }
            if (at(place).filter(set::equals).isPresent()) {
                return;
            }
        }
    }

    private Optional<String> at(int place) {
        return place < MAX_SETS ? cache.get(PREFIX + place, JsonNode.class).map(JsonNode::asText) : Optional.empty();
    }

    private boolean take(int place, String set) {
        StorageDriver driver = cache.driver();
        StoredEntry entry = StoredJson.entry(Json.bytes(JsonNodeFactory.instance.textNode(set)), cache.clock());
        if (driver.capabilities().conditionalPut()) {
            return driver.putIfAbsent(PREFIX + place, entry.head(), entry.body());
        }
        driver.put(PREFIX + place, entry.head(), entry.body());
        return true;
    }
}
