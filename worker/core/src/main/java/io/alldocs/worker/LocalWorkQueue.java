package io.alldocs.worker;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.worker.internal.queue.LocalItems;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.QueueSupport;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A queue in the memory of one process; every operation takes time logarithmic in its size. With a
 * {@link Builder#store} it is durable. Items and dead letters are stored before {@link #enqueue} returns and deleted
 * when they are done, so they survive a restart. After a crash some items are processed again, but none is lost. Only
 * one process at a time may use a durable queue: a second one would process the same items again.
 */
public final class LocalWorkQueue implements WorkQueue {
    private static final Logger LOG = System.getLogger(LocalWorkQueue.class.getName());

    /** The value of {@code QUEUE_DRIVER} that selects this queue. */
    public static final String NAME = "local";

    /** Waits are split into pieces, to notice a clock that jumps or is not the system clock. */
    private static final long PIECE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final QueueOptions options;
    private final Clock clock;
    private final List<Consumer<Duration>> listeners = new CopyOnWriteArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Everything below is guarded by lock, except that dead letters are listed without it.
    private final LocalItems items;
    private long lastMillis;

    /** The total time by which the clock was set back since the queue was created. */
    private long setBackMillis;

    private boolean closed;

    private LocalWorkQueue(Builder builder) {
        this.options = builder.options;
        this.clock = builder.clock;
        this.items = new LocalItems(options, clock, builder.store, changed::signalAll);
        lock.lock();
        try {
            items.restore(this::now);
        } finally {
            lock.unlock();
        }
    }

    /** Returns a builder; every setting has a default. */
    public static Builder builder() {
        return new Builder();
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
    public int enqueue(Collection<WorkItem> work, Duration delay) {
        QueueSupport.requireNotNegative("delay", delay);
        return locked(now -> items.enqueue(work, delay.toMillis(), now));
    }

    @Override
    public List<Lease> reserve(int max, Duration wait) throws InterruptedException {
        QueueSupport.requireCount(max);
        long deadline = System.nanoTime() + Math.min(wait.toMillis(), Integer.MAX_VALUE) * 1_000_000L;
        lock.lockInterruptibly();
        try {
            while (true) {
                requireOpen();
                List<Lease> taken = items.take(max, now());
                long left = deadline - System.nanoTime();
                if (!taken.isEmpty() || left <= 0) {
                    return taken;
                }
                changed.awaitNanos(Math.min(left, pieceNanos()));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns how long to wait before looking again for items to lease. */
    private long pieceNanos() {
        long millis = items.millisUntilNextEvent(now());
        return millis > 100 ? PIECE_NANOS : TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Override
    public List<Lease> settle(Collection<? extends Settlement> settlements) {
        return locked(now -> items.settle(settlements, now));
    }

    @Override
    public List<Lease> renew(Collection<Lease> leases) {
        return locked(now -> items.renew(leases, now));
    }

    @Override
    public void pause(Duration length) {
        QueueSupport.requireNotNegative("pause", length);
        boolean news = locked(now -> items.pauseUntil(now + length.toMillis(), now));
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
        return locked(now -> items.sizes(now));
    }

    @Override
    public boolean awaitIdle(Duration wait) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.NANOSECONDS.convert(wait);
        lock.lockInterruptibly();
        try {
            while (true) {
                requireOpen();
                long left = deadline - System.nanoTime();
                if (items.isIdle() || left <= 0) {
                    return items.isIdle();
                }
                changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Stream<DeadLetter> deadLetters() {
        return locked(now -> items.deadLetters());
    }

    @Override
    public int retryDead(Collection<String> ids) {
        return locked(now -> items.retryDead(ids, now));
    }

    @Override
    public int discardDead(Collection<String> ids) {
        return locked(now -> items.discardDead(ids));
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
         * Sets the store that makes the queue durable; shared, and not closed by the queue. Default: none, so that the
         * items are lost when the process ends.
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
         * @throws io.alldocs.cache.entry.IntegrityException if a stored item is damaged; the message names its key,
         *     which can be deleted
         */
        public LocalWorkQueue build() {
            return new LocalWorkQueue(this);
        }
    }
}
