package io.alldocs.worker.internal.progress;

import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkerStatus.Counts;
import io.alldocs.worker.WorkerStatus.Failure;
import io.alldocs.worker.internal.context.PerSecond;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts the items a worker processes. Safe for concurrent use. */
public final class WorkerTally {
    private static final int MAX_ERRORS = 20;

    /**
     * Maximum number of types counted separately; all others are counted together. It is limited because any client can
     * send items with new types.
     */
    private static final int MAX_TYPES = 100;

    private static final String OTHERS = "(others)";

    private final Clock clock;
    private final Map<String, Counts> types = new TreeMap<>();
    private final Deque<Failure> errors = new ArrayDeque<>();
    private final PerSecond done = new PerSecond();
    private final PerSecond units = new PerSecond();

    /** Units that items in progress have done, by their ids. */
    private final Map<String, Long> running = new HashMap<>();

    public WorkerTally(Clock clock) {
        this.clock = clock;
    }

    /** Counts units of an item that is in progress. The end of the item counts them again under its type. */
    public synchronized void progressed(String id, long more) {
        running.merge(id, more, Long::sum);
        units.add(clock.instant().getEpochSecond(), more);
    }

    /** Returns how many units the items in progress have done whose ids begin with {@code prefix}. */
    public synchronized long running(String prefix) {
        return running.entrySet().stream()
                .filter(item -> item.getKey().startsWith(prefix))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    synchronized void done(WorkItem item, long itsUnits, double seconds) {
        long counted = running.getOrDefault(item.id(), 0L);
        add(item, new Counts(1, 0, 0, 0, itsUnits, seconds));
        long second = clock.instant().getEpochSecond();
        done.add(second, 1);
        units.add(second, Math.max(0, itsUnits - counted));
    }

    synchronized void failed(WorkItem item, boolean forGood, String reason, double seconds) {
        add(item, new Counts(0, forGood ? 0 : 1, forGood ? 1 : 0, 0, 0, seconds));
        note(item, reason);
    }

    synchronized void released(WorkItem item) {
        add(item, new Counts(0, 0, 0, 1, 0, 0));
    }

    synchronized void note(WorkItem item, String reason) {
        if (errors.size() == MAX_ERRORS) {
            errors.removeLast();
        }
        errors.addFirst(new Failure(clock.instant(), item.type(), item.id(), item.attempts(), reason));
    }

    private void add(WorkItem item, Counts more) {
        running.remove(item.id());
        String type = types.containsKey(item.type()) || types.size() < MAX_TYPES ? item.type() : OTHERS;
        types.merge(
                type,
                more,
                (a, b) -> new Counts(
                        a.done() + b.done(),
                        a.retried() + b.retried(),
                        a.dead() + b.dead(),
                        a.released() + b.released(),
                        a.units() + b.units(),
                        a.seconds() + b.seconds()));
    }

    public synchronized Map<String, Counts> types() {
        return new TreeMap<>(types);
    }

    public synchronized List<Failure> errors() {
        return List.copyOf(errors);
    }

    public synchronized List<Long> donePerSecond() {
        return done.lastMinute(clock.instant().getEpochSecond());
    }

    public synchronized List<Long> unitsPerSecond() {
        return units.lastMinute(clock.instant().getEpochSecond());
    }
}
