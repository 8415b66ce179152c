package io.alldocs.sync;

import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionRow;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Iterates over the names of a source that must be requested. Parts that the ledger records as complete are skipped.
 * Each other part is recorded as complete once every one of its names has an outcome. Safe for concurrent use: one
 * thread takes names, and other threads report their outcomes.
 */
final class NamesToRequest implements Iterator<String>, AutoCloseable {
    private final List<Partition> partitions;
    private final NameSource.Rows rows;
    private final PackumentFetch.Ledger ledger;
    private final BiFunction<String, Optional<String>, Optional<String>> storedOutcome;
    private final Map<Integer, Part> open = new TreeMap<>();
    private final Map<String, Asked> inFlight = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicLong hits = new AtomicLong();
    private final long total;
    private final long held;
    private final Predicate<String> isGivenUp;
    private final BooleanSupplier isAbandoned;
    private LongConsumer counted = count -> {};
    private int current;
    private @Nullable String next;

    /** A part in progress, with the outcomes of its names. */
    private static final class Part {
        private final Map<String, Long> outcomes = new TreeMap<>();
        private long rows;
        private long waiting;
        private long failed;
        private boolean readToItsEnd;
    }

    /**
     * A name in flight and the number of {@code times} that the source has contained it so far. All of them are in one
     * part, because a name belongs to one range.
     */
    private record Asked(int part, Optional<String> listedRev, long times) {
        Asked again() {
            return new Asked(part, listedRev, times + 1);
        }
    }

    /**
     * @param ledger records which parts are complete
     * @param storedOutcome returns the outcome of a name whose stored entry is current, given its listed revision;
     *     empty if the name must be requested
     * @param isGivenUp returns whether a name that must be requested counts as failed without a request
     * @param isAbandoned once it returns true, there is no next name
     */
    NamesToRequest(
            NameSource source,
            PackumentFetch.Ledger ledger,
            BiFunction<String, Optional<String>, Optional<String>> storedOutcome,
            Predicate<String> isGivenUp,
            BooleanSupplier isAbandoned) {
        this.partitions = source.partitions();
        this.ledger = ledger;
        this.storedOutcome = storedOutcome;
        this.isGivenUp = isGivenUp;
        this.isAbandoned = isAbandoned;
        long names = 0;
        long done = 0;
        for (int i = 0; i < partitions.size(); i++) {
            if (ledger.isComplete(i)) {
                done += source.size(i);
            } else {
                open.put(i, new Part());
                names += source.size(i);
            }
        }
        this.total = names;
        this.held = done;
        this.rows = source.rows();
    }

    boolean isNothingOpen() {
        return open.isEmpty();
    }

    /** Returns the number of names in the parts that are not complete. */
    long total() {
        return total;
    }

    /** Returns the number of names in the parts that were already complete. */
    long held() {
        return held;
    }

    /** Returns the number of names found current. */
    long hits() {
        return hits.get();
    }

    /** Sets the listener that is called with the number of names that have received an outcome. */
    void onCounted(LongConsumer listener) {
        counted = listener;
    }

    @Override
    public boolean hasNext() {
        lock.lock();
        try {
            while (next == null && !hasEnded() && rows.hasNext()) {
                look(rows.next());
            }
            return next != null;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasEnded() {
        return Thread.currentThread().isInterrupted() || isAbandoned.getAsBoolean();
    }

    @Override
    public String next() {
        lock.lock();
        try {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            String name = java.util.Objects.requireNonNull(next);
            next = null;
            return name;
        } finally {
            lock.unlock();
        }
    }

    private void look(PartitionRow row) {
        advanceTo(row.id());
        Part part = open.get(current);
        if (part == null) {
            return;
        }
        part.rows++;
        if (inFlight.computeIfPresent(row.id(), (name, asked) -> asked.again()) != null) {
            part.waiting++;
            return;
        }
        Optional<String> listedRev = Optional.ofNullable(row.rev());
        Optional<String> outcome = storedOutcome.apply(row.id(), listedRev);
        if (outcome.isPresent()) {
            hits.incrementAndGet();
            count(part, outcome.get(), 1);
        } else if (isGivenUp.test(row.id())) {
            part.failed++;
        } else {
            part.waiting++;
            inFlight.put(row.id(), new Asked(current, listedRev, 1));
            next = row.id();
        }
    }

    private void advanceTo(String name) {
        while (!partitions.get(current).contains(name)) {
            endPart(current);
            current++;
        }
    }

    /**
     * Counts a response.
     *
     * @return the revision that the origin lists for the name, if it was requested and has one
     */
    Optional<String> answered(String name, String outcome) {
        lock.lock();
        try {
            Asked asked = inFlight.remove(name);
            Part part = asked == null ? null : open.get(asked.part());
            if (asked == null || part == null) {
                return Optional.empty();
            }
            part.waiting -= asked.times();
            count(part, outcome, asked.times());
            completeIfDone(asked.part(), part);
            return asked.listedRev();
        } finally {
            lock.unlock();
        }
    }

    void failed(String name) {
        lock.lock();
        try {
            Asked asked = inFlight.remove(name);
            Part part = asked == null ? null : open.get(asked.part());
            if (asked != null && part != null) {
                part.waiting -= asked.times();
                part.failed += asked.times();
            }
        } finally {
            lock.unlock();
        }
    }

    private void count(Part part, String outcome, long times) {
        part.outcomes.merge(outcome, times, Long::sum);
        counted.accept(times);
    }

    /**
     * Called when a run over the names has ended. If the run took all names, the parts after the last name are complete
     * too.
     */
    void finish() {
        lock.lock();
        try {
            if (next == null && !rows.hasNext()) {
                for (; current < partitions.size(); current++) {
                    endPart(current);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void endPart(int index) {
        Part part = open.get(index);
        if (part != null) {
            part.readToItsEnd = true;
            completeIfDone(index, part);
        }
    }

    private void completeIfDone(int index, Part part) {
        if (part.readToItsEnd && part.waiting == 0 && part.failed == 0) {
            ledger.markComplete(index, details(part));
            open.remove(index);
        }
    }

    private static Map<String, Object> details(Part part) {
        Map<String, Object> details = new TreeMap<>(part.outcomes);
        details.put("rows", part.rows);
        return details;
    }

    /** Records the progress of the incomplete parts for reports; the next run counts them again. */
    @Override
    public void close() {
        lock.lock();
        try {
            rows.close();
            open.forEach((index, part) -> {
                if (part.rows > 0) {
                    ledger.markPending(index, details(part));
                }
            });
        } finally {
            lock.unlock();
        }
    }
}
