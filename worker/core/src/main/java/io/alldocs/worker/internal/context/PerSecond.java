package io.alldocs.worker.internal.context;

import java.util.ArrayList;
import java.util.List;

/** Counts events by second, for the last {@value #SECONDS} seconds. Not thread-safe. */
public final class PerSecond {
    static final int SECONDS = 60;

    private final long[] counts = new long[SECONDS + 1];
    private long latest;

    public void add(long second, long count) {
        forward(second);
        if (latest - second <= SECONDS) {
            counts[Math.floorMod(second, counts.length)] += count;
        }
    }

    /**
     * Returns the counts of the last {@value #SECONDS} whole seconds, oldest first. The current second is excluded
     * because it is incomplete.
     */
    public List<Long> lastMinute(long now) {
        forward(now);
        List<Long> past = new ArrayList<>(SECONDS);
        for (long second = latest - SECONDS; second < latest; second++) {
            past.add(counts[Math.floorMod(second, counts.length)]);
        }
        return past;
    }

    private void forward(long second) {
        long from = Math.max(latest + 1, second - SECONDS);
        for (long each = from; each <= second; each++) {
            counts[Math.floorMod(each, counts.length)] = 0;
        }
        latest = Math.max(latest, second);
    }
}
