package io.alldocs.worker;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A queue in the memory of one process; every operation takes time logarithmic in its size. With a
 * {@link Builder#store} it is durable: items and dead letters are stored before {@link #enqueue} returns and deleted
 * when they are done, so they survive a restart. After a crash some items are processed again, but none is lost. Only
 * one process at a time may use a durable queue: a second one would process the same items again.
 */
public final class LocalWorkQueue implements WorkQueue {
    private static final Logger LOG = System.getLogger(LocalWorkQueue.class.getName());

    /** The value of {@code QUEUE_DRIVER} that selects this queue. */
    public static final String NAME = "local";

    private static final String RAN_OUT = "the worker died, or did not renew the lease in time.";

    /** Waits are split into pieces, to notice a clock that jumps or is not the system clock. */
    private static final long PIECE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Numbers start at the time of opening, so that two processes on one store never assign the same number. */
    private static final int NUMBER_BITS = 20;

    private final QueueOptions options;
    private final Clock clock;
    private final QueueJournal journal;
    private final List<Consumer<Duration>> listeners = new CopyOnWriteArrayList<>();
    private final String instance = UUID.randomUUID().toString().substring(0, 8);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Everything below is guarded by lock, except that dead letters are listed without it.
    private final Map<String, LocalItem> byId = new HashMap<>();
    private final PriorityQueue<LocalItem> waiting = new PriorityQueue<>(LocalItem.TURN);
    private final PriorityQueue<LocalItem> delayed = new PriorityQueue<>(LocalItem.AGE);
    private final TreeSet<LocalItem> running = new TreeSet<>(LocalItem.LEASE_END);
    private final NavigableSet<LocalItem> dead = new ConcurrentSkipListSet<>(LocalItem.AGE);
    private final RateWindow rate;
    private long nextNumber;
    private long lastMillis;

    /** How far the clock has gone back since the queue was created. */
    private long setBackMillis;

    private long pausedUntil;
    private long leases;
    private boolean closed;

    private LocalWorkQueue(Builder builder) {
        this.options = builder.options;
        this.clock = builder.clock;
        this.rate = new RateWindow(options);
        this.journal = builder.store == null
                ? QueueJournal.none(options.name())
                : QueueJournal.in(builder.store, options.name(), clock);
        this.nextNumber = clock.millis() << NUMBER_BITS;
        lock.lock();
        try {
            restore(journal.load(now()));
        } finally {
            lock.unlock();
        }
    }

    /** Returns a builder; every setting has a default. */
    public static Builder builder() {
        return new Builder();
    }

    /** Restores stored items. If a crash left two records of one id, the newer one is used. */
    private void restore(List<LocalItem> stored) {
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
        long now = now();
        List<LocalItem> kept = byId.values().stream()
                .map(item -> item.isDead() ? item : afterLostLease(item, RAN_OUT, now))
                .toList();
        journal.write(kept.stream().filter(item -> item != byId.get(item.id)).toList(), now);
        kept.forEach(item -> place(item, now));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public QueueOptions options() {
        return options;
    }

    @Override
    public int enqueue(Collection<WorkItem> items, Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("The delay must not be negative, but is " + delay + ".");
        }
        return locked(now -> {
            Map<String, LocalItem> added = new LinkedHashMap<>();
            List<LocalItem> revived = new ArrayList<>();
            for (WorkItem item : items) {
                LocalItem present = byId.get(item.id());
                LocalItem fresh = LocalItem.of(item, nextNumber + added.size(), now + delay.toMillis());
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
        });
    }

    @Override
    public List<Lease> reserve(int max, Duration wait) throws InterruptedException {
        if (max < 1) {
            throw new IllegalArgumentException(
                    "The number of items to reserve must be at least 1, but is " + max + ".");
        }
        long deadline = System.nanoTime() + Math.min(wait.toMillis(), Integer.MAX_VALUE) * 1_000_000L;
        lock.lockInterruptibly();
        try {
            while (true) {
                requireOpen();
                List<Lease> taken = take(max, now());
                long left = deadline - System.nanoTime();
                if (!taken.isEmpty() || left <= 0) {
                    return taken;
                }
                changed.awaitNanos(Math.min(left, untilNextEvent()));
            }
        } finally {
            lock.unlock();
        }
    }

    private List<Lease> take(int max, long now) {
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

    private long untilNextEvent() {
        long now = now();
        long next = Math.max(pausedUntil, now + rate.millisUntilOpen(now));
        if (waiting.isEmpty() && !delayed.isEmpty()) {
            next = Math.max(next, delayed.element().atMillis);
        }
        long millis = waiting.isEmpty() && delayed.isEmpty() ? Long.MAX_VALUE : Math.max(1, next - now);
        return millis > 100 ? PIECE_NANOS : TimeUnit.MILLISECONDS.toNanos(millis);
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

    @Override
    public List<Lease> settle(Collection<? extends Settlement> settlements) {
        return locked(now -> {
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
        });
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
        if (byId.size() == dead.size()) {
            changed.signalAll(); // for threads that wait until the queue is idle
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

    @Override
    public List<Lease> renew(Collection<Lease> renewed) {
        return locked(now -> {
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
        });
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
        changed.signalAll();
    }

    @Override
    public void pause(Duration length) {
        if (length.isNegative()) {
            throw new IllegalArgumentException("The pause must not be negative, but is " + length + ".");
        }
        boolean news = locked(now -> {
            long until = now + length.toMillis();
            boolean goesFurther = until > Math.max(now, pausedUntil);
            pausedUntil = Math.max(pausedUntil, until);
            return goesFurther;
        });
        if (news) {
            listeners.forEach(listener -> tell(listener, length));
        }
    }

    private static void tell(Consumer<Duration> listener, Duration length) {
        try {
            listener.accept(length);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "A pause listener threw an exception", e);
        }
    }

    @Override
    public void onPause(Consumer<Duration> listener) {
        listeners.add(listener);
    }

    @Override
    public QueueSizes sizes() {
        return locked(now -> {
            promote(now);
            return new QueueSizes(waiting.size(), delayed.size(), running.size(), dead.size());
        });
    }

    @Override
    public boolean awaitIdle(Duration wait) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.NANOSECONDS.convert(wait);
        lock.lockInterruptibly();
        try {
            while (true) {
                requireOpen();
                long left = deadline - System.nanoTime();
                if (byId.size() == dead.size() || left <= 0) {
                    return byId.size() == dead.size();
                }
                changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Stream<DeadLetter> deadLetters() {
        return locked(now -> dead.stream().map(LocalItem::toDeadLetter));
    }

    @Override
    public int retryDead(Collection<String> ids) {
        return locked(now -> {
            List<LocalItem> renewed =
                    deadOnes(ids).stream().map(item -> item.renewed(now)).toList();
            journal.write(renewed, now);
            renewed.forEach(item -> place(item, now));
            return renewed.size();
        });
    }

    @Override
    public int discardDead(Collection<String> ids) {
        return locked(now -> {
            List<LocalItem> discarded = deadOnes(ids);
            journal.delete(discarded);
            discarded.forEach(item -> {
                byId.remove(item.id);
                dead.remove(item);
            });
            return discarded.size();
        });
    }

    private List<LocalItem> deadOnes(Collection<String> ids) {
        return ids.stream()
                .distinct()
                .flatMap(id -> Stream.ofNullable(byId.get(id)))
                .filter(LocalItem::isDead)
                .toList();
    }

    private interface Operation<T> {
        T at(long nowMillis);
    }

    private <T> T locked(Operation<T> operation) {
        lock.lock();
        try {
            requireOpen();
            return operation.at(now());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns a monotonic time, so that later items stay behind earlier ones. If the clock is set back, the time
     * continues from where it was.
     */
    private long now() {
        long read = clock.millis() + setBackMillis;
        if (read < lastMillis) {
            setBackMillis += lastMillis - read;
            read = lastMillis;
        }
        lastMillis = read;
        return read;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The queue " + options.name() + " is closed.");
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Builds a queue. Not thread-safe. */
    public static final class Builder {
        private QueueOptions options = QueueOptions.DEFAULT;
        private Clock clock = Clock.systemUTC();
        private @Nullable StorageDriver store;

        private Builder() {}

        /** Sets the options. Default: {@link QueueOptions#DEFAULT}. */
        public Builder options(QueueOptions options) {
            this.options = options;
            return this;
        }

        /** Sets the clock. Default: the system clock. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Sets the store that makes the queue durable; shared, and not closed by the queue. Default: none, so that
         * items end with the process.
         */
        public Builder store(StorageDriver store) {
            this.store = store;
            return this;
        }

        /**
         * Creates the queue and loads the items from its store.
         *
         * @throws IllegalArgumentException if the store is read-only or lacks read-after-write consistency
         * @throws io.alldocs.worker.spi.QueueException if the store cannot be read
         * @throws io.alldocs.cache.IntegrityException if a stored item is damaged; the message names its key, which can
         *     be deleted
         */
        public LocalWorkQueue build() {
            return new LocalWorkQueue(this);
        }
    }
}
