package io.alldocs.worker;

import io.alldocs.cache.Cache;
import io.alldocs.cache.Env;
import io.alldocs.http.HostLimiters;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.worker.WorkerStatus.State;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Takes items off a queue and does them, several at the same time, until it is stopped. Safe for concurrent use.
 * Whatever happens to it, no item is lost: what it cannot finish it hands back, and what it held when it died waits
 * again once its leases ran out.
 *
 * <p>An error that every item would meet (refused credentials, a full disk) stops the worker instead of turning the
 * queue into dead letters; see {@link Processor#process}. An {@link OutOfMemoryError} stops it too, since it may have
 * ended any thread of this process; the item counts as lost. A {@link WorkerRuntime} then starts a new worker; who
 * embeds a worker looks at {@link #failure()} and does the same.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Worker.class.getName());

    /** Of what follows from one item, done one after the other: nobody else asks, nothing is tried again here. */
    private static final QueueOptions FOLLOWERS = QueueOptions.of(Env.of(Map.of(
            "QUEUE_NAME",
            "followers",
            "QUEUE_INTERVAL_CAP",
            "0",
            "QUEUE_LEASE_MS",
            String.valueOf(Integer.MAX_VALUE))));

    /** What is due later goes back to the platform. */
    private static final Duration LONGEST_INLINE_WAIT = Duration.ofSeconds(6);

    private static final Duration LATER = Duration.ofSeconds(30);

    /** For tasks that were interrupted, and for the queue to be told. */
    private static final Duration AFTER_GRACE = Duration.ofSeconds(2);

    private final WorkQueue queue;
    private final Map<String, Processor> processors;
    private final int concurrency;
    private final Duration grace;
    private final Clock clock;
    private final WorkClients clients;
    private final WorkContext context;
    private final WorkerTally tally;
    private final LeaseDesk desk;
    private final Instant madeAt;
    private final List<Thread> threads = new ArrayList<>();

    /** Ready before it is needed: without memory no thread can be made. */
    private final Thread stopper = new Thread(this::stopOnFailure, "all-docs-worker-stop");

    private final CountDownLatch failed = new CountDownLatch(1);
    private final Set<Thread> callers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile State state = State.NEW;

    private Worker(Builder builder) {
        this.queue = Objects.requireNonNull(builder.queue, "queue");
        this.concurrency = builder.concurrency;
        this.grace = builder.grace;
        this.clock = builder.clock;
        Cache cache = Objects.requireNonNull(builder.cache, "cache");
        this.clients = new WorkClients(
                builder.env,
                cache,
                builder.checkpoints == null ? cache : builder.checkpoints,
                builder.limiters,
                this::pauseFleet,
                builder.partitions,
                builder.packuments);
        this.context = new WorkContext(builder.env, queue, clients, () -> state != State.RUNNING);
        this.processors = processors(builder);
        this.tally = new WorkerTally(clock);
        this.desk = new LeaseDesk(queue, concurrency, this::fail);
        this.madeAt = clock.instant();
        for (int i = 1; i <= concurrency; i++) {
            Thread thread = new Thread(this::work, "all-docs-worker-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
        stopper.setDaemon(true);
        queue.onPause(clients::pause);
    }

    /** What is built in, then what is found, then what was given: the last of a type counts. */
    private static Map<String, Processor> processors(Builder builder) {
        Map<String, Processor> byType = new TreeMap<>();
        BuiltInProcessors.all().forEach(processor -> byType.put(processor.type(), processor));
        ServiceLoader.load(Processor.class).forEach(processor -> byType.put(processor.type(), processor));
        builder.processors.forEach(processor -> byType.put(processor.type(), processor));
        return byType;
    }

    /** A builder; queue and cache must be given. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Begins to take items.
     *
     * @return this
     * @throws IllegalStateException when it was started before
     */
    public Worker start() {
        if (advance(State.RUNNING) != State.NEW) {
            throw new IllegalStateException("A worker is started once.");
        }
        stopper.start();
        new JobWatch(context, ended).start();
        threads.forEach(Thread::start);
        desk.start();
        return this;
    }

    private void work() {
        try {
            for (Lease lease = desk.next(); lease != null; lease = desk.next()) {
                perform(lease);
            }
        } catch (InterruptedException e) {
            LOG.log(
                    Level.DEBUG,
                    "{0} ends: interrupted.",
                    Thread.currentThread().getName());
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void perform(Lease lease) {
        // Of an error that nobody foresaw, too: else the lease would be renewed for ever.
        Settlement end = new Settlement.HandedBack(lease);
        busy.incrementAndGet();
        try {
            end = attempt(lease);
        } finally {
            busy.decrementAndGet();
            desk.finish(end);
        }
    }

    private Settlement attempt(Lease lease) {
        WorkItem item = lease.item();
        long start = System.nanoTime();
        try {
            WorkResult result = process(item, context.holding(desk.hold(lease)));
            tally.done(item, result.units(), seconds(start));
            return new Settlement.Done(lease);
        } catch (InterruptedException e) {
            return handBack(lease);
        } catch (Throwable e) {
            return failed(lease, e, seconds(start));
        }
    }

    private Settlement failed(Lease lease, Throwable error, double seconds) {
        if (Thread.interrupted() && state != State.RUNNING) {
            return handBack(lease);
        }
        WorkItem item = lease.item();
        Verdict verdict = Verdict.of(error);
        String reason = Verdict.reason(error);
        LOG.log(Level.DEBUG, "{0} {1}: {2}", item.type(), item.id(), reason);
        switch (verdict.fate()) {
            case RETRY -> tally.failed(item, item.attempts() >= queue.options().maxAttempts(), reason, seconds);
            case GIVE_UP -> tally.failed(item, true, reason, seconds);
            case HAND_BACK -> tally.handedBack(item);
            case HAND_BACK_AND_STOP, LOST -> {
                tally.handedBack(item);
                tally.note(item, reason);
                fail(error);
            }
        }
        return verdict.settlement(lease, error);
    }

    private Settlement handBack(Lease lease) {
        tally.handedBack(lease.item());
        return new Settlement.HandedBack(lease);
    }

    private static double seconds(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    /** Whether a processor is registered for items of {@code type}. */
    boolean processes(String type) {
        return processors.containsKey(type);
    }

    /** The types for which a processor is registered, in alphabetical order. */
    Set<String> types() {
        return processors.keySet();
    }

    private WorkResult process(WorkItem item, WorkContext context) throws InterruptedException {
        Processor processor = processors.get(item.type());
        if (processor == null) {
            throw WorkException.permanent(
                    "No processor does items of type " + item.type() + "; there are " + processors.keySet() + ".",
                    null);
        }
        return processor.process(item, context);
    }

    /**
     * Does one item now, on the calling thread and beside the queue: for platforms that hand out work themselves.
     * Counts like any other.
     *
     * @return what was done
     * @throws WorkException when no processor does items of this type, and whatever the processor throws
     * @throws InterruptedException when the calling thread is interrupted, or the worker stops and the time to finish
     *     is over
     */
    public WorkResult perform(WorkItem item) throws InterruptedException {
        return asCaller(() -> perform(item, context));
    }

    /**
     * Does one item as {@link #perform(WorkItem)} does, and after it all that follows from it, which no queue gets:
     * when this returns, nothing is left to do, and a platform may forget the item. What fails for good does not keep
     * the rest from being done; anything else ends it.
     *
     * @return what was done of the item itself
     * @throws WorkException when no processor does items of a type, and whatever a processor throws: doing all of it
     *     again does no harm
     * @throws InterruptedException when the calling thread is interrupted, or the worker stops
     */
    public WorkResult performWhole(WorkItem item) throws InterruptedException {
        return asCaller(() -> {
            try (LocalWorkQueue followers =
                    LocalWorkQueue.builder().options(FOLLOWERS).build()) {
                WorkContext inside = context.inline(followers);
                try {
                    WorkResult result = perform(item, inside);
                    performAll(followers, inside);
                    return result;
                } finally {
                    inside.end();
                }
            }
        });
    }

    private void performAll(WorkQueue followers, WorkContext inside) throws InterruptedException {
        RuntimeException failed = null;
        while (followers.size() > 0) {
            List<Lease> next = followers.reserve(1, LONGEST_INLINE_WAIT);
            if (next.isEmpty()) {
                throw WorkException.temporary("What follows is due later. Send the item again.", LATER, null);
            }
            Settlement end = new Settlement.Done(next.get(0));
            try {
                perform(next.get(0).item(), inside);
            } catch (RuntimeException e) {
                if (Verdict.of(e).fate() != Verdict.Fate.GIVE_UP) {
                    throw e;
                }
                failed = failed == null ? e : failed;
                end = new Settlement.Failed(
                        next.get(0), Verdict.reason(e), false, null); // the job's coordinator looks for it
            }
            followers.settle(List.of(end));
        }
        if (failed != null) {
            throw failed;
        }
    }

    private WorkResult perform(WorkItem item, WorkContext inside) throws InterruptedException {
        if (state != State.RUNNING) {
            throw new InterruptedException("The worker stops.");
        }
        long start = System.nanoTime();
        busy.incrementAndGet();
        try {
            WorkResult result = process(item, inside);
            tally.done(item, result.units(), seconds(start));
            return result;
        } catch (RuntimeException e) {
            tally.failed(item, Verdict.of(e).fate() == Verdict.Fate.GIVE_UP, Verdict.reason(e), seconds(start));
            throw e;
        } finally {
            busy.decrementAndGet();
        }
    }

    private interface Calling {
        WorkResult run() throws InterruptedException;
    }

    /** The calling thread is the worker's for so long: {@link #stop} waits for it, and interrupts it. */
    private WorkResult asCaller(Calling work) throws InterruptedException {
        callers.add(Thread.currentThread());
        try {
            return work.run();
        } finally {
            callers.remove(Thread.currentThread());
        }
    }

    /** A host asks to wait: it asks the whole fleet. */
    private void pauseFleet(Duration length) {
        try {
            queue.pause(length);
        } catch (QueueException | IllegalStateException e) {
            LOG.log(Level.DEBUG, "Cannot notify the other workers of a pause: {0}", e.getMessage());
        }
    }

    /** What this worker met, every other item would meet. */
    private void fail(Throwable error) {
        if (failure.compareAndSet(null, error)) {
            desk.takeNoMore();
            failed.countDown();
        }
    }

    private void stopOnFailure() {
        try {
            failed.await();
        } catch (InterruptedException e) {
            return; // it was stopped before it failed
        }
        failure().ifPresent(error -> LOG.log(Level.WARNING, "The worker stops: {0}", Verdict.reason(error)));
        stop(grace);
    }

    /**
     * Waits until the queue holds nothing to do, for anybody, or the worker has stopped. The queue says when
     * ({@link WorkQueue#awaitIdle}); whether the worker still runs is looked at once a second.
     *
     * @return whether the queue is empty
     * @throws InterruptedException when interrupted while waiting
     */
    public boolean awaitIdle(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(patience);
        while (true) {
            long left = Math.min(end - System.nanoTime(), TimeUnit.SECONDS.toNanos(1));
            boolean idle = queue.awaitIdle(Duration.ofNanos(Math.max(0, left)));
            if (idle && desk.held() == 0) {
                return true;
            }
            // Idle, and yet an item is held: another worker did it meanwhile, and this one is about to notice.
            long pause = idle ? TimeUnit.MILLISECONDS.toNanos(20) : 0;
            if (left <= 0 || ended.await(Math.min(left, pause), TimeUnit.NANOSECONDS)) {
                return false;
            }
        }
    }

    /**
     * Waits until the worker has stopped.
     *
     * @throws InterruptedException when interrupted while waiting
     */
    public void join() throws InterruptedException {
        ended.await();
    }

    /** What stopped the worker, if it did not stop because it was asked to. */
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }

    /** What it has done. */
    public WorkerStatus status() {
        return new WorkerStatus(
                state,
                madeAt,
                concurrency,
                busy.get(),
                desk.held(),
                tally.types(),
                tally.donePerSecond(),
                tally.unitsPerSecond(),
                tally.errors(),
                failure().map(Verdict::reason));
    }

    /** What it works with. */
    WorkContext context() {
        return context;
    }

    WorkQueue queue() {
        return queue;
    }

    WorkClients clients() {
        return clients;
    }

    /**
     * Takes no more items, hands back what is not begun, and lets what runs finish. What does not in time is
     * interrupted and handed back. Returns when the queue has been told, two seconds after {@code grace} at the latest
     * for each of these steps. Twice is fine: the second call waits for the first.
     *
     * <p>An interrupt of the calling thread, before or meanwhile, ends the grace and stays set.
     *
     * @param grace for items under way
     * @return whether everything was finished or handed back; else leases run out by themselves
     */
    public boolean stop(Duration grace) {
        State before = advance(State.STOPPING);
        boolean told = true;
        if (before == State.RUNNING) {
            told = end(grace);
        } else if (before == State.STOPPING) {
            told = awaitEnd();
        }
        if (before == State.RUNNING || before == State.NEW) {
            clients.close();
            advance(State.STOPPED);
            ended.countDown();
            if (Thread.currentThread() != stopper) {
                stopper.interrupt();
            }
        }
        return told;
    }

    /** States only follow each other. @return the one before */
    private synchronized State advance(State next) {
        State before = state;
        if (next.compareTo(before) > 0) {
            state = next;
        }
        return before;
    }

    /** Whatever interrupts come: what is held is handed back, or others would wait for its leases to run out. */
    private boolean end(Duration grace) {
        desk.stopFetching(concurrency);
        boolean interrupted = false;
        boolean ended = false;
        try {
            ended = join(grace);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (!ended) {
            threads.forEach(Thread::interrupt);
            callers.forEach(Thread::interrupt);
        }
        Optional<Boolean> told = Optional.empty();
        while (told.isEmpty()) {
            try {
                told = Optional.of(handedBack(ended));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return told.get();
    }

    private boolean handedBack(boolean ended) throws InterruptedException {
        if (!ended) {
            join(AFTER_GRACE);
        }
        return desk.close(AFTER_GRACE);
    }

    private boolean awaitEnd() {
        try {
            ended.await();
            return true;
        } catch (InterruptedException e) {
            threads.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean join(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        for (Thread thread : threads) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left > 0) {
                thread.join(left);
            }
        }
        while (!callers.isEmpty() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return callers.isEmpty() && threads.stream().noneMatch(Thread::isAlive);
    }

    /** Stops with the builder's grace. */
    @Override
    public void close() {
        stop(grace);
    }

    /** Settings of a worker. What is given is shared and not closed. Not thread-safe. */
    public static final class Builder {
        /** As the JavaScript project's pages say. */
        public static final int DEFAULT_CONCURRENCY = 10;

        private @Nullable WorkQueue queue;
        private @Nullable Cache cache;
        private @Nullable Cache checkpoints;
        private @Nullable PartitionClient partitions;
        private @Nullable PackumentClient packuments;
        private final List<Processor> processors = new ArrayList<>();
        private Env env = Env.of(Map.of());
        private HostLimiters limiters = HostLimiters.shared();
        private int concurrency = DEFAULT_CONCURRENCY;
        private Duration grace = Duration.ofSeconds(10);
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /** Where items come from, and where those that follow from them go. */
        public Builder queue(WorkQueue queue) {
            this.queue = queue;
            return this;
        }

        /** Where entries are kept. */
        public Builder cache(Cache cache) {
            this.cache = cache;
            return this;
        }

        /** Where progress is kept. Default: the cache of entries. */
        public Builder checkpoints(Cache checkpoints) {
            this.checkpoints = checkpoints;
            return this;
        }

        /** Does items of its type, in place of one that is built in or found. */
        public Builder processor(Processor processor) {
            processors.add(processor);
            return this;
        }

        /** What clients that are not given are made from, and what processors may read. Default: empty. */
        public Builder env(Env env) {
            this.env = env;
            return this;
        }

        /** Asks the origin of names. Default: one as the environment says, made when it is first needed. */
        public Builder partitions(PartitionClient client) {
            this.partitions = client;
            return this;
        }

        /**
         * Asks the registry of packuments. Default: one as the environment says, with {@code PACKUMENT_CONCURRENCY} (4)
         * requests for one item.
         */
        public Builder packuments(PackumentClient client) {
            this.packuments = client;
            return this;
        }

        /**
         * Those of the clients' hosts: a pause that a host asks for goes to the whole fleet, and back. Default:
         * {@link HostLimiters#shared()}.
         */
        public Builder limiters(HostLimiters limiters) {
            this.limiters = limiters;
            return this;
        }

        /**
         * Items at the same time. Default: {@value #DEFAULT_CONCURRENCY}.
         *
         * @throws IllegalArgumentException when less than 1
         */
        public Builder concurrency(int items) {
            if (items < 1) {
                throw new IllegalArgumentException("The concurrency must be at least 1, not " + items + ".");
            }
            this.concurrency = items;
            return this;
        }

        /** For items under way when the worker is closed or fails. Default: 10 s. */
        public Builder grace(Duration grace) {
            this.grace = grace;
            return this;
        }

        /** For rates and times. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** A worker, not started. */
        public Worker build() {
            return new Worker(this);
        }
    }
}
