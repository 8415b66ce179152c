package io.alldocs.cache;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a run over many items did.
 *
 * @param items taken from the source
 * @param bySource results by where they came from; sources without a result are left out
 * @param failed items that ended in an error
 * @param failures the first 100 of them: item and message, each cut to 500 characters
 * @param elapsed wall time
 */
public record RunSummary(
        long items,
        Map<CacheEntry.Source, Long> bySource,
        long failed,
        Map<String, String> failures,
        Duration elapsed) {

    /** Copies the maps. */
    public RunSummary {
        bySource = Collections.unmodifiableMap(new LinkedHashMap<>(bySource));
        failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
    }
}
