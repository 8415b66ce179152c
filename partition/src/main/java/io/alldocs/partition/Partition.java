package io.alldocs.partition;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.spi.KeyOrder;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A half-open range of keys {@code [start, end)}, in the order of unsigned UTF-8 bytes ({@link KeyOrder#UTF8}). Either
 * end may be open. Immutable.
 */
public final class Partition {
    private static final Partition ALL = new Partition(null, null);

    private final @Nullable String start;
    private final @Nullable String end;

    private Partition(@Nullable String start, @Nullable String end) {
        this.start = start == null ? null : Keys.require(start, "start key");
        this.end = end == null ? null : Keys.require(end, "end key");
        if (start != null && end != null && !Keys.isBelow(start, end)) {
            throw new IllegalArgumentException("The start key " + Keys.quote(start)
                    + " of a partition must be below its end key " + Keys.quote(end) + " in the order of UTF-8 bytes.");
        }
    }

    /**
     * Returns the range from {@code start}, inclusive, to {@code end}, exclusive.
     *
     * @param start first key, null for an open start
     * @param end first key after the range, null for an open end
     * @throws IllegalArgumentException if a key is empty or not valid Unicode, or start is not below end
     */
    public static Partition of(@Nullable String start, @Nullable String end) {
        return start == null && end == null ? ALL : new Partition(start, end);
    }

    /**
     * Returns the range from {@code start}, inclusive, to the end of the key space.
     *
     * @throws IllegalArgumentException if the key is empty or not valid Unicode
     */
    public static Partition from(String start) {
        return new Partition(Objects.requireNonNull(start, "start"), null);
    }

    /**
     * Returns the range from the beginning of the key space to {@code end}, exclusive.
     *
     * @throws IllegalArgumentException if the key is empty or not valid Unicode
     */
    public static Partition until(String end) {
        return new Partition(null, Objects.requireNonNull(end, "end"));
    }

    /**
     * Returns the range of all keys that begin with {@code prefix}.
     *
     * @throws IllegalArgumentException if the prefix is empty or not valid Unicode
     */
    public static Partition ofPrefix(String prefix) {
        return new Partition(Objects.requireNonNull(prefix, "prefix"), Keys.afterPrefix(prefix));
    }

    /** Returns the whole key space. */
    public static Partition all() {
        return ALL;
    }

    /**
     * Returns the range that a partition's cache key identifies.
     *
     * @throws IllegalArgumentException if the key is of another kind
     */
    public static Partition of(CacheKey key) {
        if (key.kind() != CacheKey.Kind.PARTITION) {
            throw new IllegalArgumentException("The cache key " + key + " is not the key of a partition.");
        }
        return of(key.start().orElse(null), key.end().orElse(null));
    }

    /**
     * Splits the whole key space at {@code pivots}. Both ends stay open, so every key is in a partition.
     *
     * @param pivots ascending in UTF-8 order; without pivots, the whole key space is one partition. A null as first or
     *     last pivot means the open end, as in the pivots files of the JavaScript project
     * @throws IllegalArgumentException if a pivot is empty, not valid Unicode or not above the previous one, or null is
     *     between two pivots
     */
    public static PartitionSet fromPivots(@Nullable String @Nullable ... pivots) {
        return PartitionSet.fromPivots(pivots == null ? List.of() : Arrays.asList(pivots));
    }

    /** Returns the first key of the range, empty if the start is open. */
    public Optional<String> start() {
        return Optional.ofNullable(start);
    }

    /** Returns the first key after the range, empty if the end is open. */
    public Optional<String> end() {
        return Optional.ofNullable(end);
    }

    /** Returns whether {@code key} is in the range. */
    public boolean contains(String key) {
        return (start == null || !Keys.isBelow(key, start)) && (end == null || Keys.isBelow(key, end));
    }

    /** Returns the intersection of both ranges, empty if they share no key. */
    public Optional<Partition> intersect(Partition other) {
        String low = isStartAbove(other) ? start : other.start;
        String high = isEndBelow(other) ? end : other.end;
        return low != null && high != null && !Keys.isBelow(low, high) ? Optional.empty() : Optional.of(of(low, high));
    }

    private boolean isStartAbove(Partition other) {
        return other.start == null || (start != null && Keys.isBelow(other.start, start));
    }

    private boolean isEndBelow(Partition other) {
        return other.end == null || (end != null && Keys.isBelow(end, other.end));
    }

    /** Returns the key of this range's entry in a cache. */
    public CacheKey key(URI origin) {
        return CacheKey.partition(origin, start, end);
    }

    /** Returns the start for calls that accept null. */
    @Nullable
    String startOrNull() {
        return start;
    }

    /** Returns the end for calls that accept null. */
    @Nullable
    String endOrNull() {
        return end;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Partition that && Objects.equals(start, that.start) && Objects.equals(end, that.end);
    }

    @Override
    public int hashCode() {
        return Objects.hash(start, end);
    }

    /** Returns {@code [start-end]}, with {@code null} for an open end. */
    @Override
    public String toString() {
        return "[" + start + "-" + end + "]";
    }
}
