package io.alldocs.worker.internal.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.Cache;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.worker.internal.Json;
import io.alldocs.worker.internal.StoredJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The names of the planned sets. They are stored so that every worker can report their progress without listing the
 * millions of keys of a store. Each set is stored in the first free numbered slot. Workers that plan at the same time
 * therefore do not overwrite each other's sets.
 */
public final class KnownSets {
    private static final String PREFIX = "v1:set:";
    private static final int MAX_SETS = 100;

    private final Cache cache;

    public KnownSets(Cache cache) {
        this.cache = cache;
    }

    /**
     * A known set.
     *
     * @param job the job's id; empty if an earlier version planned the set
     * @param packuments whether packuments are fetched, not only names
     */
    public record Known(String set, String job, boolean packuments) {}

    public List<Known> all() {
        List<Known> sets = new ArrayList<>();
        Optional<Known> known = at(0);
        while (known.isPresent()) {
            sets.add(known.get());
            known = at(sets.size());
        }
        return sets;
    }

    /**
     * Adds a set. Sets beyond {@value #MAX_SETS} are not shown, but are still processed.
     *
     * @param isOver whether a job has ended: another job of the same set then replaces it; otherwise both are shown
     */
    public void add(String set, String job, boolean packuments, Predicate<String> isOver) {
        Known wanted = new Known(set, job, packuments);
        for (int place = 0; place < MAX_SETS; place++) {
            if (at(place).isEmpty() && take(place, wanted)) {
                return;
            }
            Optional<Known> there = at(place);
            if (there.filter(wanted::equals).isPresent()) {
                return;
            }
            if (there.filter(known -> known.set().equals(set) && isOver.test(known.job()))
                    .isPresent()) { // the slot now refers to another job
                cache.set(PREFIX + place, json(wanted));
                return;
            }
        }
    }

    private Optional<Known> at(int place) {
        return place < MAX_SETS ? cache.get(PREFIX + place, JsonNode.class).map(KnownSets::known) : Optional.empty();
    }

    private static Known known(JsonNode json) {
        return json.isTextual()
                ? new Known(json.asText(), "", false)
                : new Known(
                        json.path("set").asText(),
                        json.path("job").asText(),
                        json.path("packuments").asBoolean());
    }

    private static JsonNode json(Known known) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("set", known.set())
                .put("job", known.job())
                .put("packuments", known.packuments());
    }

    private boolean take(int place, Known known) {
        StorageDriver driver = cache.driver();
        StoredEntry entry = StoredJson.entry(Json.bytes(json(known)), cache.clock());
        if (driver.capabilities().conditionalPut()) {
            return driver.putIfAbsent(PREFIX + place, entry.head(), entry.body());
        }
        driver.put(PREFIX + place, entry.head(), entry.body());
        return true;
    }
}
