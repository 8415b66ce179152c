package io.alldocs.partition;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.KeyOrder;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A half-open range of keys {@code [start, end)}, in the order of unsigned UTF-8 bytes ({@link KeyOrder#UTF8}); either end may be open. Immutable.
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
     * The range from {@code start} to before {@code end}.
     *
     * @param start first key, null for an open start
     * @param end key after the range, null for an open end
     * @throws IllegalArgumentException when a key is empty or not valid Unicode, or start is not below end
     */
    public static Partition of(@Nullable String start, @Nullable String end) {
        return start == null && end == null ? ALL : new Partition(start, end);
    }

    /**
     * From {@code start} to the end of the key space.
     *
     * @throws IllegalArgumentException when the key is empty or not valid Unicode
     */
    public static Partition from(String start) {
        return new Partition(Objects.requireNonNull(start, "start"), null);
    }

    /**
     * From the beginning of the key space to before {@code end}.
     *
     * @throws IllegalArgumentException when the key is empty or not valid Unicode
     */
    public static Partition until(String end) {
        return new Partition(null, Objects.requireNonNull(end, "end"));
    }

    /** The whole key space. */
    public static Partition all() {
        return ALL;
    }

    /**
     * The range that a partition's cache key names.
     *
     * @throws IllegalArgumentException when the key is of another kind
     */
    public static Partition of(CacheKey key) {
        if (key.kind() != CacheKey.Kind.PARTITION) {
            throw new IllegalArgumentException("The cache key " + key + " names no partition.");
        }
        return of(key.start().orElse(null), key.end().orElse(null));
    }

    /**
     * Cuts the whole key space at {@code pivots}; both ends stay open, so that no key is left out.
     *
     * @param pivots rising in UTF-8 order; none gives the whole key space as one partition; null at either end stands for the open end, as in the pivots
     *     files of the JavaScript project
     * @throws IllegalArgumentException when a pivot is empty, not valid Unicode or not above the one before it, or null stands between two pivots
     */
    public static PartitionSet fromPivots(@Nullable String @Nullable ... pivots) {
        return PartitionSet.fromPivots(pivots == null ? List.of() : Arrays.asList(pivots));
    }

    /** First key of the range, empty when open. */
    public Optional<String> start() {
        return Optional.ofNullable(start);
    }

    /** First key after the range, empty when open. */
    public Optional<String> end() {
        return Optional.ofNullable(end);
    }

    /** Whether {@code key} lies in the range. */
    public boolean contains(String key) {
        return (start == null || !Keys.isBelow(key, start)) && (end == null || Keys.isBelow(key, end));
    }

    /** The part that both ranges share, empty when they share no key. */
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

    /** The key that this range's entry has in a cache. */
    public CacheKey key(URI origin) {
        return CacheKey.partition(origin, start, end);
    }

    /** For calls that take a nullable start. */
    @Nullable
    String startOrNull() {
        return start;
    }

    /** For calls that take a nullable end. */
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

    /** {@code [start-end]}, an open end as {@code null}. */
    @Override
    public String toString() {
        return "[" + start + "-" + end + "]";
    }
}
