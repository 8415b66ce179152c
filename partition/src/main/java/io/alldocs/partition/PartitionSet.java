package io.alldocs.partition;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Adjacent partitions in ascending order, without gaps or overlaps. They cover everything from the first start to the
 * last end. Immutable.
 */
public final class PartitionSet implements Iterable<Partition> {
    private final List<Partition> partitions;

    private PartitionSet(List<Partition> partitions) {
        this.partitions = partitions;
    }

    /**
     * Checks that {@code partitions} are in order and that each begins where the previous one ends.
     *
     * @param partitions at least one
     * @throws IllegalArgumentException if there is none, or two neighbors overlap or leave a gap; the message contains
     *     both
     */
    public static PartitionSet of(List<Partition> partitions) {
        if (partitions.isEmpty()) {
            throw new IllegalArgumentException("A partition set needs at least one partition.");
        }
        List<Partition> copy = List.copyOf(partitions);
        for (int i = 1; i < copy.size(); i++) {
            requireMeeting(copy.get(i - 1), copy.get(i), i);
        }
        return new PartitionSet(copy);
    }

    private static void requireMeeting(Partition left, Partition right, int index) {
        if (left.end().isPresent() && left.end().equals(right.start())) {
            return;
        }
        boolean gap = left.end().isPresent()
                && right.start().isPresent()
                && Keys.isBelow(left.end().get(), right.start().get());
        throw new IllegalArgumentException("Partitions must be"
                + " adjacent: " + left + " at " + (index - 1) + " and " + right
                + " at " + index + (gap ? " leave a gap." : " overlap or are out of order."));
    }

    /**
     * Splits the whole key space at {@code pivots}; both ends stay open.
     *
     * @param pivots ascending in UTF-8 order; without pivots, there is one partition. A null as first or last pivot
     *     means the open end
     * @throws IllegalArgumentException if a pivot is empty, not valid Unicode or not above the previous one, or null is
     *     between two pivots
     */
    public static PartitionSet fromPivots(List<? extends @Nullable String> pivots) {
        List<Partition> result = new ArrayList<>(pivots.size() + 1);
        @Nullable String start = null;
        for (int i = 0; i < pivots.size(); i++) {
            @Nullable String pivot = pivots.get(i);
            if (pivot == null) {
                requireAtAnEnd(i, pivots.size());
                continue;
            }
            Keys.require(pivot, "pivot");
            if (start != null && !Keys.isBelow(start, pivot)) {
                throw new IllegalArgumentException("Pivots must be in ascending"
                        + " order: " + Keys.quote(pivot) + " at " + i
                        + " is not above " + Keys.quote(start) + " at " + (i - 1) + ".");
            }
            result.add(Partition.of(start, pivot));
            start = pivot;
        }
        result.add(Partition.of(start, null));
        return new PartitionSet(List.copyOf(result));
    }

    private static void requireAtAnEnd(int index, int size) {
        if (index > 0 && index < size - 1) {
            throw new IllegalArgumentException("The pivot at " + index + " is null. Only the first and the last of "
                    + size + " pivots may be null (an open range).");
        }
    }

    /** Returns the number of partitions, at least 1. */
    public int size() {
        return partitions.size();
    }

    /**
     * Returns the partition at {@code index}.
     *
     * @throws IndexOutOfBoundsException if there is none
     */
    public Partition get(int index) {
        return partitions.get(index);
    }

    /**
     * Returns the index of the partition that contains {@code key}, using a binary search.
     *
     * @throws IllegalArgumentException if no partition contains the key
     */
    public int indexOf(String key) {
        if (!range().contains(key)) {
            throw new IllegalArgumentException("The key " + Keys.quote(key) + " is outside of " + range() + ".");
        }
        int low = 0;
        int high = partitions.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            @Nullable String end = partitions.get(middle).endOrNull();
            if (end != null && !Keys.isBelow(key, end)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Returns all partitions in order; the list is unmodifiable. */
    public List<Partition> partitions() {
        return partitions;
    }

    /** Returns the range that the partitions cover together. */
    public Partition range() {
        return Partition.of(
                partitions.get(0).startOrNull(),
                partitions.get(partitions.size() - 1).endOrNull());
    }

    /**
     * Returns the part of the set within {@code range}: partitions outside the range are dropped, and those across its
     * ends are shortened.
     *
     * @throws IllegalArgumentException if the set and the range share no key
     */
    public PartitionSet clip(Partition range) {
        List<Partition> inside =
                partitions.stream().flatMap(p -> p.intersect(range).stream()).toList();
        if (inside.isEmpty()) {
            throw new IllegalArgumentException("The range " + range + " is outside of " + range() + ".");
        }
        return new PartitionSet(inside);
    }

    @Override
    public Iterator<Partition> iterator() {
        return partitions.iterator();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PartitionSet that && partitions.equals(that.partitions);
    }

    @Override
    public int hashCode() {
        return partitions.hashCode();
    }

    /** Returns the partitions in the form {@code [null-a] [a-b] [b-null]}. */
    @Override
    public String toString() {
        return partitions.stream().map(Partition::toString).collect(Collectors.joining(" "));
    }
}
