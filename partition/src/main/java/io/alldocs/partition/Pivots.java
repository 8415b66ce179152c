package io.alldocs.partition;

import io.alldocs.cache.spi.KeyOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds keys that split a key space into partitions of a given size. */
public final class Pivots {
    private Pivots() {}

    /**
     * Splits known names into partitions of {@code targetRows} names; the last one may contain fewer. Each pivot is the
     * shortest text of whole code points that separates the names around it. The names are streamed: only two are in
     * memory at a time.
     *
     * @param sortedNames ascending in UTF-8 order
     * @param targetRows names per partition, at least 1
     * @return pivots for {@link PartitionSet#fromPivots}; empty if the names fit in one partition
     * @throws IllegalArgumentException if a name is empty, not valid Unicode or not above the previous one
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
     * Splits the part of a live database inside {@code range} into partitions of at most {@code targetRows} documents,
     * with {@code limit=1} probes. On a database that counts, such as npm's replica,
     * {@code offset(end) − offset(start)} is the size of a partition. The search needs about two probes per pivot,
     * several in parallel (119 for 68 pivots of 100,000 names; PivotSearchTest keeps it below three).
     *
     * @param targetRows documents per partition, at least 1; some partitions contain fewer, and one may contain more if
     *     names are too close for a guess
     * @return pivots inside {@code range}, ascending, for {@code PartitionSet.fromPivots(…).clip(range)}. Empty if the
     *     range fits in one partition, or if the results of the probes are inconsistent because the database does not
     *     count. In that case walk the range in sequence, which always works
     * @throws RuntimeException the exceptions that {@link PartitionClient} lists
     */
    public static List<String> balanced(PartitionClient client, Partition range, int targetRows) {
        requirePositive(targetRows);
        return new PivotSearch(client, range, targetRows).pivots();
    }

    static void requirePositive(int targetRows) {
        if (targetRows < 1) {
            throw new IllegalArgumentException(
                    "The target must be at least 1 row per partition, but is " + targetRows + ".");
        }
    }

    private static void requireAbove(String previous, String name, long index) {
        if (KeyOrder.UTF8.compare(previous, name) >= 0) {
            throw new IllegalArgumentException("Names must be in ascending order: " + Keys.quote(name) + " at " + index
                    + " is not above " + Keys.quote(previous) + " at " + (index - 1) + ".");
        }
    }

    /**
     * Returns the shortest prefix of {@code high}, in whole code points, that is above {@code low}; low is below high.
     */
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
