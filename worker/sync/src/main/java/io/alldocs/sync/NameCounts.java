package io.alldocs.sync;

import io.alldocs.cache.entry.EntryMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts the names of a job by their stored state, in memory that does not grow with the number of names. Not
 * thread-safe.
 */
final class NameCounts implements Inventory.Visitor {
    private static final int BIGGEST = 15;
    private static final Comparator<Sized> BY_SIZE =
            Comparator.comparingLong(Sized::bytes).thenComparing(Sized::name, Comparator.reverseOrder());

    /** Upper limits of the age classes; older entries are in the last class. */
    static final List<Duration> AGES = List.of(
            Duration.ofHours(1), Duration.ofDays(1), Duration.ofDays(7), Duration.ofDays(30), Duration.ofDays(365));

    private final Instant now;
    private final boolean withOutcomes;
    private final BiFunction<String, Optional<EntryMetadata>, Optional<String>> outcomeOf;
    private final List<Map<String, Long>> outcomes = new ArrayList<>();
    private final List<Long> bytesOfParts = new ArrayList<>();
    private final List<@Nullable String> firsts = new ArrayList<>();
    private final List<@Nullable String> lasts = new ArrayList<>();
    private final PriorityQueue<Sized> biggest = new PriorityQueue<>(BY_SIZE);
    private final TreeMap<Long, Long> sizes = new TreeMap<>();
    private final long[] ages = new long[AGES.size() + 1];
    private final Timeline arrivals = new Timeline();
    private long documents;
    private long bytes;

    /** A name and the stored bytes of its packument. */
    record Sized(String name, long bytes) {}

    /**
     * @param now the time from which ages are counted
     * @param withOutcomes whether names have outcomes
     * @param outcomeOf returns the outcome of a name with this head
     */
    NameCounts(
            Instant now,
            boolean withOutcomes,
            BiFunction<String, Optional<EntryMetadata>, Optional<String>> outcomeOf) {
        this.now = now;
        this.withOutcomes = withOutcomes;
        this.outcomeOf = outcomeOf;
    }

    @Override
    public void visit(int part, String name, Optional<EntryMetadata> head) {
        while (outcomes.size() <= part) {
            outcomes.add(new TreeMap<>());
            bytesOfParts.add(0L);
            firsts.add(null);
            lasts.add(null);
        }
        if (firsts.get(part) == null) {
            firsts.set(part, name);
        }
        lasts.set(part, name);
        if (withOutcomes) {
            outcomeOf.apply(name, head).ifPresent(outcome -> outcomes.get(part).merge(outcome, 1L, Long::sum));
        }
        if (head.isPresent()) {
            ages[ageOf(head.get().validatedAt())]++;
            if (head.get().sizeBytes() > 0) {
                document(part, name, head.get());
            }
        }
    }

    private void document(int part, String name, EntryMetadata head) {
        long size = head.sizeBytes();
        documents++;
        bytes += size;
        bytesOfParts.set(part, bytesOfParts.get(part) + size);
        sizes.merge(Long.highestOneBit(size), 1L, Long::sum);
        arrivals.add(head.storedAt());
        if (biggest.size() < BIGGEST || size > biggest.element().bytes()) {
            biggest.add(new Sized(name, size));
            if (biggest.size() > BIGGEST) {
                biggest.remove();
            }
        }
    }

    private int ageOf(Instant validated) {
        Duration age = Duration.between(validated, now);
        int index = 0;
        while (index < AGES.size() && age.compareTo(AGES.get(index)) >= 0) {
            index++;
        }
        return index;
    }

    /** Returns the number of names by outcome in one partition. */
    Map<String, Long> outcomes(int part) {
        return part < outcomes.size() ? outcomes.get(part) : Map.of();
    }

    /** Returns the stored bytes of the packuments of one partition. */
    long bytes(int part) {
        return part < bytesOfParts.size() ? bytesOfParts.get(part) : 0;
    }

    /** Returns the first visited name of one partition, null if none was visited. */
    @Nullable
    String first(int part) {
        return part < firsts.size() ? firsts.get(part) : null;
    }

    /** Returns the last visited name of one partition, null if none was visited. */
    @Nullable
    String last(int part) {
        return part < lasts.size() ? lasts.get(part) : null;
    }

    /** Returns the number of names with a stored document. */
    long documents() {
        return documents;
    }

    /** Returns the stored bytes of all packuments. */
    long bytes() {
        return bytes;
    }

    /** Returns the largest packuments, largest first. */
    List<Sized> biggest() {
        return biggest.stream().sorted(BY_SIZE.reversed()).toList();
    }

    /**
     * Returns the number of packuments by size: each key is the least size in bytes; the sizes are below twice the key.
     * Gaps are filled with 0.
     */
    Map<Long, Long> sizes() {
        TreeMap<Long, Long> filled = new TreeMap<>(sizes);
        for (long size = sizes.isEmpty() ? 0 : sizes.firstKey(); size > 0 && size < sizes.lastKey(); size *= 2) {
            filled.putIfAbsent(size, 0L);
        }
        return filled;
    }

    /**
     * Returns the number of names by the time since their last request to the registry: below each of {@link #AGES},
     * and the rest.
     */
    List<Long> ages() {
        List<Long> counts = new ArrayList<>();
        for (long count : ages) {
            counts.add(count);
        }
        return counts;
    }

    /** Returns the times at which the stored packuments arrived. */
    Timeline arrivals() {
        return arrivals;
    }
}
