package io.alldocs.sync;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Counts events by time. Steps begin at one second and double whenever the events span more than 120 of them. Steps are
 * aligned to the epoch. Not thread-safe.
 */
final class Timeline {
    private static final int MAX_STEPS = 120;

    private TreeMap<Long, Long> counts = new TreeMap<>();
    private long stepSeconds = 1;

    /** The number of events in one step that begins at {@code from}. */
    record Step(Instant from, long events) {}

    void add(Instant event) {
        counts.merge(Math.floorDiv(event.getEpochSecond(), stepSeconds), 1L, Long::sum);
        while (counts.lastKey() - counts.firstKey() >= MAX_STEPS) {
            widen();
        }
    }

    private void widen() {
        TreeMap<Long, Long> wider = new TreeMap<>();
        counts.forEach((step, events) -> wider.merge(Math.floorDiv(step, 2L), events, Long::sum));
        counts = wider;
        stepSeconds *= 2;
    }

    Duration step() {
        return Duration.ofSeconds(stepSeconds);
    }

    /** Returns the steps from the first event to the last without a gap; at most 120. */
    List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        if (!counts.isEmpty()) {
            for (long step = counts.firstKey(); step <= counts.lastKey(); step++) {
                steps.add(new Step(Instant.ofEpochSecond(step * stepSeconds), counts.getOrDefault(step, 0L)));
            }
        }
        return steps;
    }
}
