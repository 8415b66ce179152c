package io.alldocs.worker.internal.queue;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The items of a local queue, and the transitions between their states: waiting, delayed, running and dead. A
 * transition is stored before it takes effect here. The queue holds its lock during every call, and passes the current
 * time, which never decreases. Only {@link #deadLetters} is read without the lock.
 */
public final class LocalItems {
    private static final String RAN_OUT = "the worker died, or did not renew the lease in time.";

    /** Numbers start at the time of opening, so that two processes on one store never assign the same number. */
    private static final int NUMBER_BITS = 20;

    private final QueueOptions options;
    private final QueueJournal journal;
    private final Runnable changed;
    private final String instance = UUID.randomUUID().toString().substring(0, 8);
    private final Map<String, LocalItem> byId = new HashMap<>();
    private final PriorityQueue<LocalItem> waiting = new PriorityQueue<>(LocalItem.TURN);
    private final PriorityQueue<LocalItem> delayed = new PriorityQueue<>(LocalItem.AGE);
    private final TreeSet<LocalItem> running = new TreeSet<>(LocalItem.LEASE_END);
    private final NavigableSet<LocalItem> dead = new ConcurrentSkipListSet<>(LocalItem.AGE);
    private final RateWindow rate;
    private long nextNumber;
    private long pausedUntil;
    private long leases;

    /**
     * @param store makes the items durable; null to keep them in memory only
     * @param changed called when an item may be available, or the queue is idle
     * @throws IllegalArgumentException if the store lacks the required guarantees
     */
    public LocalItems(QueueOptions options, Clock clock, @Nullable StorageDriver store, Runnable changed) {
        this.options = options;
        this.changed = changed;
        this.rate = new RateWindow(options);
        this.journal =
                store == null ? QueueJournal.none(options.name()) : QueueJournal.in(store, options.name(), clock);
        this.nextNumber = clock.millis() << NUMBER_BITS;
    }

    /** Restores the stored items. If a crash left two records of one id, the newer one is used. */
    public void restore(LongSupplier clock) {
        List<LocalItem> stored = journal.load(clock.getAsLong());
        List<LocalItem> older = new ArrayList<>();
        for (LocalItem item : stored) {
            nextNumber = Math.max(nextNumber, item.number + 1);
            LocalItem other = byId.get(item.id);
            if (other == null || other.number < item.number) {
                byId.put(item.id, item);
            }
            if (other != null) {
                older.add(other.number < item.number ? other : item);
            }
        }
        journal.delete(older);
        long now = clock.getAsLong();
        List<LocalItem> kept = byId.values().stream()
                .map(item -> item.isDead() ? item : afterLostLease(item, RAN_OUT, now))
                .toList();
        journal.write(kept.stream().filter(item -> item != byId.get(item.id)).toList(), now);
        kept.forEach(item -> place(item, now));
    }

    /** Returns how many items were added; the others were already here. */
    public int enqueue(Collection<WorkItem> items, long delayMillis, long now) {
        Map<String, LocalItem> added = new LinkedHashMap<>();
        List<LocalItem> revived = new ArrayList<>();
        for (WorkItem item : items) {
            LocalItem present = byId.get(item.id());
            LocalItem fresh = LocalItem.of(item, nextNumber + added.size(), now + delayMillis);
            if (present == null || present.isDead()) {
                added.putIfAbsent(item.id(), fresh);
            }
            if (present != null && present.isDead()) {
                revived.add(present);
            }
        }
        nextNumber += added.size();
        journal.write(added.values(), now);
        journal.delete(revived);
        added.values().forEach(item -> place(item, now));
        return added.size();
    }

    /** Leases up to {@code max} items that are available. */
    public List<Lease> take(int max, long now) {
        promote(now);
        takeBack(now);
        if (now < pausedUntil) {
            return List.of();
        }
        int count = rate.take(Math.min(max, waiting.size()), now);
        List<LocalItem> taken = new ArrayList<>(count);
        List<Lease> granted = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            LocalItem item = Objects.requireNonNull(waiting.poll());
            taken.add(item);
            granted.add(
                    item.lease(instance + "-" + ++leases, now + options.lease().toMillis()));
            running.add(item);
        }
        if (count > 0) {
            noteRunning(taken);
        }
        return granted;
    }

    /** Records that items are running. Items that cannot be recorded are not leased. */
    private void noteRunning(List<LocalItem> taken) {
        boolean noted = false;
        try {
            journal.running(running);
            noted = true;
        } finally {
            if (!noted) {
                taken.forEach(this::stopRunning);
                waiting.addAll(taken);
            }
        }
    }

    /** Returns the milliseconds until an item may become available. */
    public long millisUntilNextEvent(long now) {
        long next = Math.max(pausedUntil, now + rate.millisUntilOpen(now));
        if (waiting.isEmpty() && !delayed.isEmpty()) {
            next = Math.max(next, delayed.element().atMillis);
        }
        return waiting.isEmpty() && delayed.isEmpty() ? Long.MAX_VALUE : Math.max(1, next - now);
    }

    /** Moves items whose delay has ended to the waiting items. */
    private void promote(long now) {
        for (LocalItem first = delayed.peek(); first != null && first.atMillis <= now; first = delayed.peek()) {
            waiting.add(delayed.remove());
        }
    }

    /** Reclaims items whose lease expired: they wait again or become dead letters. */
    private void takeBack(long now) {
        List<LocalItem> back = new ArrayList<>();
        for (LocalItem item : running) {
            if (item.leaseEndMillis > now) {
                break;
            }
            back.add(item);
        }
        if (back.isEmpty()) {
            return;
        }
        List<LocalItem> next = back.stream()
                .map(item -> afterLostLease(item.lost(), RAN_OUT, now))
                .toList();
        journal.write(next, now);
        back.forEach(this::stopRunning);
        next.forEach(item -> place(item, now));
    }

    private LocalItem afterLostLease(LocalItem item, String lastReason, long now) {
        return item.lostLeases < options.maxLostLeases()
                ? item
                : item.dead(
                        item.attempts,
                        "Its lease was lost " + item.lostLeases + " times; last reason: " + lastReason,
                        now);
    }

    /** Returns the leases that were skipped, because another worker holds or settled their items. */
    public List<Lease> settle(Collection<? extends Settlement> settlements, long now) {
        Map<String, Settlement> accepted = new LinkedHashMap<>();
        List<Lease> passedOver = new ArrayList<>();
        for (Settlement settlement : settlements) {
            Lease lease = settlement.lease();
            if (held(lease) == null || accepted.putIfAbsent(lease.item().id(), settlement) != null) {
                passedOver.add(lease);
            }
        }
        settle(accepted, now);
        return passedOver;
    }

    private void settle(Map<String, Settlement> accepted, long now) {
        List<LocalItem> done = new ArrayList<>();
        List<LocalItem> next = new ArrayList<>();
        List<LocalItem> rewritten = new ArrayList<>();
        accepted.forEach((id, settlement) -> {
            LocalItem item = Objects.requireNonNull(byId.get(id));
            if (settlement instanceof Settlement.Done) {
                done.add(item);
            } else if (settlement instanceof Settlement.Failed failed) {
                rewritten.add(afterFailure(item, failed, now));
            } else if (settlement instanceof Settlement.Lost lost) {
                rewritten.add(afterLostLease(item.lost(), lost.reason(), now));
            } else {
                next.add(item);
            }
        });
        journal.delete(done);
        journal.write(rewritten, now);
        next.addAll(rewritten);
        accepted.keySet().forEach(id -> stopRunning(Objects.requireNonNull(byId.get(id))));
        done.forEach(item -> byId.remove(item.id));
        next.forEach(item -> place(item, now));
        if (isIdle()) {
            changed.run(); // for threads that wait until the queue is idle
        }
        if (!next.isEmpty()) {
            journal.running(running);
        }
    }

    private LocalItem afterFailure(LocalItem item, Settlement.Failed failed, long now) {
        int spent = item.attempts + 1;
        if (!failed.retryable() || spent >= options.maxAttempts()) {
            return item.dead(spent, failed.reason(), now);
        }
        Duration pause = options.backoffAfter(spent);
        Duration asked = failed.after();
        Duration longer = asked != null && asked.compareTo(pause) > 0 ? asked : pause;
        return item.failed(now + longer.toMillis());
    }

    /** Returns the leases that are lost. */
    public List<Lease> renew(Collection<Lease> renewed, long now) {
        List<Lease> lost = new ArrayList<>();
        for (Lease lease : renewed) {
            LocalItem item = held(lease);
            if (item == null) {
                lost.add(lease);
            } else {
                running.remove(item);
                item.leaseEndMillis = now + options.lease().toMillis();
                running.add(item);
            }
        }
        return lost;
    }

    private @Nullable LocalItem held(Lease lease) {
        LocalItem item = byId.get(lease.item().id());
        return item != null && lease.token().equals(item.token) ? item : null;
    }

    private void stopRunning(LocalItem item) {
        running.remove(item);
        item.token = null;
    }

    /** Adds an item without a lease to the collection of its state. */
    private void place(LocalItem item, long now) {
        LocalItem before = byId.put(item.id, item);
        if (before != null && before.isDead()) {
            dead.remove(before);
        }
        if (item.isDead()) {
            dead.add(item);
        } else if (item.atMillis > now) {
            delayed.add(item);
        } else {
            waiting.add(item);
        }
        changed.run();
    }

    /** Leases no items before {@code until}. Returns whether that is later than an earlier pause ends. */
    public boolean pauseUntil(long until, long now) {
        boolean goesFurther = until > Math.max(now, pausedUntil);
        pausedUntil = Math.max(pausedUntil, until);
        return goesFurther;
    }

    public QueueSizes sizes(long now) {
        promote(now);
        return new QueueSizes(waiting.size(), delayed.size(), running.size(), dead.size());
    }

    /** Returns whether no item is waiting, delayed or running. */
    public boolean isIdle() {
        return byId.size() == dead.size();
    }

    public Stream<DeadLetter> deadLetters() {
        return dead.stream().map(LocalItem::toDeadLetter);
    }

    public int retryDead(Collection<String> ids, long now) {
        List<LocalItem> renewed =
                deadOnes(ids).stream().map(item -> item.renewed(now)).toList();
        journal.write(renewed, now);
        renewed.forEach(item -> place(item, now));
        return renewed.size();
    }

    public int discardDead(Collection<String> ids) {
        List<LocalItem> discarded = deadOnes(ids);
        journal.delete(discarded);
        discarded.forEach(item -> {
            byId.remove(item.id);
            dead.remove(item);
        });
        return discarded.size();
    }

    private List<LocalItem> deadOnes(Collection<String> ids) {
        return ids.stream()
                .distinct()
                .flatMap(id -> Stream.ofNullable(byId.get(id)))
                .filter(LocalItem::isDead)
                .toList();
    }
}
