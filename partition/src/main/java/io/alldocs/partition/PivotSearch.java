package io.alldocs.partition;

import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.run.BoundedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Splits a live key range with {@code limit=1} probes. On a database that counts, a probe at a key returns how many
 * documents precede it. Each probe therefore splits a section of keys into two of known size. Sections are split until
 * none is larger than the target; then neighbors that fit together are joined. Used once, by one thread.
 */
final class PivotSearch {
    /**
     * Number of documents that may be added or deleted between two probes. npm's count changed by 14 in the 15 minutes
     * of a walk.
     */
    static final long DRIFT = 1_000;

    /**
     * Maximum number of consecutive splits that leave all documents on one side. After that, the section is left
     * unsplit, because a walk handles partitions of any size.
     */
    private static final int MAX_VAIN = 100;

    private final PartitionClient client;
    private final Partition range;
    private final int targetRows;
    private final AtomicInteger probes = new AtomicInteger();

    PivotSearch(PartitionClient client, Partition range, int targetRows) {
        this.client = client;
        this.range = range;
        this.targetRows = targetRows;
    }

    /**
     * A position in the key space.
     *
     * @param key null at an open end
     * @param offset number of documents before it
     * @param id first document at or after it, null if there is none
     */
    private record Place(
            @Nullable String key, long offset, @Nullable String id) {}

    /** The keys between two positions, and where to split them next. */
    private record Stretch(Place low, Place high, Aim aim) {
        long size() {
            return high.offset() - low.offset();
        }
    }

    /**
     * Determines how far above the low end to split after a split left everything on one side. Names with a long common
     * prefix occupy a tiny part of the keys above it. The search therefore bisects the exponent of the distance, not
     * the distance itself.
     *
     * @param tooFar an exponent that left everything below the split
     * @param tooNear an exponent that left everything above the split, or infinity
     * @param vain number of consecutive splits that left everything on one side
     */
    private record Aim(double tooFar, double tooNear, int vain) {
        static final Aim FIRST = new Aim(0, Double.POSITIVE_INFINITY, 0);

        double exponent() {
            return Double.isInfinite(tooNear) ? Math.max(1, 2 * tooFar) : (tooFar + tooNear) / 2;
        }

        Aim nearer() {
            return new Aim(exponent(), tooNear, vain + 1);
        }

        Aim farther() {
            return new Aim(tooFar, exponent(), vain + 1);
        }
    }

    /** The probe of a section; empty if no key lies between its ends. */
    private record Cut(Stretch stretch, Optional<Place> at) {}

    /** Thrown when probes contradict each other, so this database does not count. */
    private static final class NotCountingException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotCountingException() {
            super("The database does not return the offset of a key.", null, false, false);
        }
    }

    List<String> pivots() {
        try {
            return join(cutAll(whole()));
        } catch (NotCountingException e) {
            return List.of();
        }
    }

    /** Returns the number of probes sent so far. */
    int probes() {
        return probes.get();
    }

    private Stretch whole() {
        PageScan first = probe(range.startOrNull());
        Place low = new Place(range.startOrNull(), offset(first), first.first());
        Place high = range.endOrNull() == null
                ? new Place(null, first.totalRows().orElseThrow(NotCountingException::new), null)
                : place(range.endOrNull());
        return new Stretch(low, inOrder(low, high, Long.MAX_VALUE), Aim.FIRST);
    }

    /**
     * Returns the sections in order. No section is larger than the target, except sections inside which no key was
     * found.
     */
    private List<Stretch> cutAll(Stretch whole) {
        NavigableMap<Long, Stretch> done = new TreeMap<>();
        List<Stretch> tooLarge = new ArrayList<>();
        sort(whole, done, tooLarge);
        while (!tooLarge.isEmpty()) {
            List<Cut> cuts = cut(tooLarge);
            tooLarge = new ArrayList<>();
            for (Cut cut : cuts) {
                apply(cut, done, tooLarge);
            }
        }
        return List.copyOf(done.values());
    }

    private List<Cut> cut(List<Stretch> stretches) {
        List<Cut> cuts = new ArrayList<>();
        BoundedRun.run(
                stretches,
                client.concurrency(),
                client.executor(),
                stretch -> new Cut(stretch, guess(stretch).map(this::place)),
                cut -> EntrySource.FETCHED,
                cuts::add,
                (stretch, failure) -> {},
                failure -> true);
        return cuts;
    }

    /**
     * Guesses the key at the multiple of the target size that is nearest to the middle. If an earlier guess failed,
     * uses the fraction of {@link Aim} instead.
     */
    private Optional<String> guess(Stretch stretch) {
        long parts = (stretch.size() + targetRows - 1) / targetRows;
        long left = parts / 2;
        double fraction = stretch.aim().vain() == 0
                ? (double) left / parts
                : Math.pow(2, -stretch.aim().exponent());
        @Nullable
        String low =
                stretch.low().id() == null ? stretch.low().key() : stretch.low().id();
        return KeySpace.between(low, stretch.high().key(), fraction);
    }

    private void apply(Cut cut, NavigableMap<Long, Stretch> done, List<Stretch> tooLarge) {
        Stretch stretch = cut.stretch();
        if (cut.at().isEmpty()) {
            done.put(stretch.low().offset(), stretch);
            return;
        }
        Place middle = inOrder(stretch.low(), cut.at().get(), stretch.high().offset());
        long below = middle.offset() - stretch.low().offset();
        boolean allBelow = below == stretch.size();
        boolean allAbove = below <= 1;
        Aim aim = stretch.aim();
        sort(new Stretch(stretch.low(), middle, allBelow ? aim.nearer() : Aim.FIRST), done, tooLarge);
        sort(new Stretch(middle, stretch.high(), allAbove ? aim.farther() : Aim.FIRST), done, tooLarge);
    }

    /**
     * Adds a section to one of the collections. Empty sections are dropped, and the neighboring section then covers
     * their keys.
     */
    private void sort(Stretch stretch, NavigableMap<Long, Stretch> done, List<Stretch> tooLarge) {
        if (stretch.size() > targetRows && stretch.aim().vain() < MAX_VAIN) {
            tooLarge.add(stretch);
        } else if (stretch.size() > 0) {
            done.put(stretch.low().offset(), stretch);
        }
    }

    /** Joins neighboring sections while they fit together. Each group except the first begins at a pivot. */
    private List<String> join(List<Stretch> stretches) {
        List<String> pivots = new ArrayList<>();
        long size = 0;
        for (Stretch stretch : stretches) {
            @Nullable String key = stretch.low().key();
            if (size > 0 && size + stretch.size() > targetRows && key != null) {
                pivots.add(key);
                size = 0;
            }
            size += stretch.size();
        }
        return List.copyOf(pivots);
    }

    private Place place(String key) {
        PageScan row = probe(key);
        return new Place(key, offset(row), row.first());
    }

    private PageScan probe(@Nullable String key) {
        probes.incrementAndGet();
        return client.probe(key);
    }

    private static long offset(PageScan probe) {
        return probe.offset().orElseThrow(NotCountingException::new);
    }

    /**
     * Returns {@code place} with its offset limited to the range of its neighbors. An offset of 0 means that the
     * database does not count, if a document is known to precede the place. A difference of a few documents is drift.
     */
    private static Place inOrder(Place low, Place place, long most) {
        long least = low.id() == null || (place.key() != null && !Keys.isBelow(low.id(), place.key()))
                ? low.offset()
                : low.offset() + 1;
        boolean none = place.offset() == 0 && least > 0;
        if (none || place.offset() < least - DRIFT || (place.offset() > most && place.offset() - DRIFT > most)) {
            throw new NotCountingException();
        }
        return new Place(place.key(), Math.max(least, Math.min(most, place.offset())), place.id());
    }
}
