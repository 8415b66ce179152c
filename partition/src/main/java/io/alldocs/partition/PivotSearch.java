package io.alldocs.partition;

import io.alldocs.cache.BoundedRun;
import io.alldocs.cache.CacheEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a live key range with {@code limit=1} probes. On a database that counts, a probe at a key tells how many documents lie before it, so each one
 * cuts a stretch of keys into two of known size. Stretches are cut until none is above the target, then neighbours that fit together are joined.
 * Used once, by one thread.
 */
final class PivotSearch {
    /** Documents that may come or go between two probes; npm's count moved by 14 in the 15 minutes of a walk. */
    static final long DRIFT = 1_000;

    /** Cuts in a row that divide nothing, after which a stretch is left as it is: a walk copes with any size. */
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
     * A place in the key space.
     *
     * @param key null at an open end
     * @param offset documents before it
     * @param id the first document at or after it, null when there is none
     */
    private record Place(
            @Nullable String key, long offset, @Nullable String id) {}

    /** Keys between two places, and where to cut them next. */
    private record Stretch(Place low, Place high, Aim aim) {
        long size() {
            return high.offset() - low.offset();
        }
    }

    /**
     * How far above the low end to aim when a cut there left everything on one side: names that share a long beginning sit in a tiny part of the keys
     * above it, so the distance is halved in its exponent, not in itself.
     *
     * @param tooFar an exponent that left everything below the cut
     * @param tooNear one that left everything above it, or infinity
     * @param vain such cuts in a row
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

    /** The probe of a stretch, empty when no key lies between its ends. */
    private record Cut(Stretch stretch, Optional<Place> at) {}

    /** Probes that cannot all be true: this database does not count. */
    private static final class NotCountingException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotCountingException() {
            super("The database does not count documents before a key.", null, false, false);
        }
    }

    List<String> pivots() {
        try {
            return join(cutAll(whole()));
        } catch (NotCountingException e) {
            return List.of();
        }
    }

    /** Probes sent so far. */
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

    /** Stretches in order, none above the target unless no key was found inside it. */
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
                stretch -> new Cut(stretch, guess(stretch).map(this::place)),
                cut -> CacheEntry.Source.FETCHED,
                cuts::add,
                (stretch, failure) -> {},
                failure -> true);
        return cuts;
    }

    /** Aims at the multiple of the target nearest to the middle, unless that was in vain before. */
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

    /** Empty stretches are dropped: what lies beside them reaches over. */
    private void sort(Stretch stretch, NavigableMap<Long, Stretch> done, List<Stretch> tooLarge) {
        if (stretch.size() > targetRows && stretch.aim().vain() < MAX_VAIN) {
            tooLarge.add(stretch);
        } else if (stretch.size() > 0) {
            done.put(stretch.low().offset(), stretch);
        }
    }

    /** Joins neighbours as long as they fit together; each group but the first begins at a pivot. */
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
     * {@code place} with an offset that fits between its neighbours. A document is known to lie before it, so an offset of 0 is none; a few documents
     * too many or too few are drift.
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
