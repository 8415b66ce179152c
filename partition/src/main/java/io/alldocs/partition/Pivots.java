package io.alldocs.partition;

import io.alldocs.cache.KeyOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds keys that cut a key space into partitions of a wanted size. */
public final class Pivots {
    private Pivots() {}

    /**
     * Cuts known names into partitions of {@code targetRows} names; the last one may hold fewer. Each pivot is the shortest text, whole code points,
     * that separates the names around it. Streams: holds two names at a time.
     *
     * @param sortedNames rising in UTF-8 order
     * @param targetRows names per partition, at least 1
     * @return pivots for {@link PartitionSet#fromPivots}; empty when the names fit one partition
     * @throws IllegalArgumentException when a name is empty, not valid Unicode or not above the one before it
     */
    public static List<String> from(Iterable<String> sortedNames, int targetRows) {
        requirePositive(targetRows);
        List<String> pivots = new ArrayList<>();
        @Nullable String previous = null;
        long index = 0;
        for (String name : sortedNames) {
            Keys.require(name, "name");
            if (previous != null) {
                requireAbove(previous, name, index);
                if (index % targetRows == 0) {
                    pivots.add(separator(previous, name));
                }
            }
            previous = name;
            index++;
        }
        return List.copyOf(pivots);
    }

    /**
     * Cuts the part of a live database inside {@code range} into partitions of at most {@code targetRows} documents, by {@code limit=1} probes: on a
     * database that counts, as npm's replica does, {@code offset(end) − offset(start)} is a partition's size. Takes about two probes
     * per pivot (119 for 68 pivots of 100,000 names; PivotSearchTest keeps it below three), several at the same time.
     *
     * @param targetRows documents per partition, at least 1; some hold fewer, and one may hold more when names lie too close for a guess
     * @return pivots inside {@code range}, rising, for {@code PartitionSet.fromPivots(…).clip(range)}; empty when the range fits one partition, or
     *     when the probes do not agree with each other because the database does not count: walk the range in sequence then, which is always right
     * @throws RuntimeException what {@link PartitionClient} lists
     */
    public static List<String> balanced(PartitionClient client, Partition range, int targetRows) {
        requirePositive(targetRows);
        return new PivotSearch(client, range, targetRows).pivots();
    }

    static void requirePositive(int targetRows) {
        if (targetRows < 1) {
            throw new IllegalArgumentException(
                    "The target must be at least 1 row per partition, not " + targetRows + ".");
        }
    }

    private static void requireAbove(String previous, String name, long index) {
        if (KeyOrder.UTF8.compare(previous, name) >= 0) {
            throw new IllegalArgumentException("Names must rise: " + Keys.quote(name) + " at " + index
                    + " is not above " + Keys.quote(previous) + " at " + (index - 1) + ".");
        }
    }

    /** The shortest prefix of {@code high}, whole code points, that lies above {@code low}; low is below high. */
    static String separator(String low, String high) {
        int common = 0;
        while (common < low.length() && low.charAt(common) == high.charAt(common)) {
            common++;
        }
        if (common > 0 && Character.isLowSurrogate(high.charAt(common))) {
            common--;
        }
        return high.substring(0, high.offsetByCodePoints(common, 1));
    }
}
