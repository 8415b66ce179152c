package io.alldocs.cache.run;

import io.alldocs.cache.entry.EntrySource;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The result of a run over many items.
 *
 * @param items number of items taken from the source
 * @param bySource number of results by where they came from; sources without a result are omitted
 * @param failed number of items that failed with an error
 * @param failures the first 100 of them: item and message, each shortened to 500 characters
 * @param elapsed wall-clock time
 */
public record RunSummary(
        long items, Map<EntrySource, Long> bySource, long failed, Map<String, String> failures, Duration elapsed) {

    /** Copies the maps. */
    public RunSummary {
        bySource = Collections.unmodifiableMap(new LinkedHashMap<>(bySource));
        failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
    }
}
