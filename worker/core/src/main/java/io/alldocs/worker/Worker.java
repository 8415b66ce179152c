package io.alldocs.worker;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.HttpListener;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.worker.WorkerStatus.State;
import io.alldocs.worker.internal.context.HttpParts;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.context.ItemProcessor;
import io.alldocs.worker.internal.context.WorkClients;
import io.alldocs.worker.internal.jobs.BuiltInProcessors;
import io.alldocs.worker.internal.jobs.JobItems;
import io.alldocs.worker.internal.jobs.JobWatch;
import io.alldocs.worker.internal.lease.FailureDecision;
import io.alldocs.worker.internal.lease.LeaseManager;
import io.alldocs.worker.internal.progress.WorkEvents;
import io.alldocs.worker.internal.progress.WorkerTally;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Leases items from a queue and processes several at a time, until it is stopped. Safe for concurrent use. No item is
 * lost: the worker returns items that it cannot finish. If it crashes, its items return to the queue when their leases
 * expire.
 *
 * <p>An error that would affect every item (rejected credentials, a full disk) stops the worker. The queue therefore
 * does not fill with dead letters. See {@link Processor#process}. An {@link OutOfMemoryError} also stops it, because
 * the error may have ended any thread of the process; the item counts as lost. A {@link WorkerRuntime} then starts a
 * new worker. Applications that embed a worker should check {@link #failure()} and do the same.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Worker.class.getName());

    /**
     * Options of the queue for follow-up items that run inline, one after the other. No other worker leases from it,
     * and it does not retry.
     */
    private static final QueueOptions FOLLOWERS = QueueOptions.of(Env.of(Map.of(
            "QUEUE_NAME",
            "followers",
            "QUEUE_INTERVAL_CAP",
            "0",
            "QUEUE_LEASE_MS",
            String.valueOf(Integer.MAX_VALUE))));

    /** Items due later than this are returned to the platform. */
    private static final Duration LONGEST_INLINE_WAIT = Duration.ofSeconds(6);

    private static final Duration LATER = Duration.ofSeconds(30);

    /** Time for interrupted tasks to end, and for settling the items in the queue. */
    private static final Duration AFTER_GRACE = Duration.ofSeconds(2);

    private final WorkQueue queue;
    private final Map<String, Processor> processors;
    private final int concurrency;
    private final Duration grace;
    private final Clock clock;
    private final WorkClients clients;
    private final ItemContext context;
    private final WorkerTally tally;
    private final WorkEvents events;
    private final LeaseManager leaseManager;
    private final Instant madeAt;
    private final Executor executor;
    private final WorkerThreads threads = new WorkerThreads();

    /** Created in advance, because it may be impossible to create a thread after an OutOfMemoryError. */
    private final Thread stopper = new Thread(this::stopOnFailure, "all-docs-worker-stop");

    private final CountDownLatch failed = new CountDownLatch(1);
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
                new HttpParts(builder.http, builder.npmConfig, builder.transport, builder.httpListener),
                builder.partitions,
                builder.packuments,
                builder.executor);
        this.context = new ItemContext(builder.env, queue, clients, () -> state != State.RUNNING);
        this.processors = processors(builder);
        this.tally = new WorkerTally(clock);
        this.events = new WorkEvents(tally, builder.listener);
        this.leaseManager = new LeaseManager(queue, concurrency, this::fail, events::leaseLost);
        this.madeAt = clock.instant();
        this.executor = builder.executor == null ? newThreads() : builder.executor;
        stopper.setDaemon(true);
        queue.onPause(clients::pause);
    }

    private static Executor newThreads() {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "all-docs-worker-" + number.incrementAndGet());
            thread.setDaemon(true);
            thread.start();
        };
    }

    /**
     * Collects the built-in processors, then those found, then those passed to the builder; the last one of a type
     * wins.
     */
    private static Map<String, Processor> processors(Builder builder) {
        Map<String, Processor> byType = new TreeMap<>();
        BuiltInProcessors.all().forEach(processor -> byType.put(processor.type(), new BuiltIn(processor)));
        ServiceLoader.load(Processor.class).forEach(processor -> byType.put(processor.type(), processor));
        builder.processors.forEach(processor -> byType.put(processor.type(), processor));
        return byType;
    }

    private record BuiltIn(ItemProcessor itself) implements Processor {
        @Override
        public String type() {
            return itself.type();
        }

        @Override
        public WorkResult process(WorkItem item, WorkContext context) throws InterruptedException {
            return itself.process(item, context.item());
        }
    }

    /** Returns a builder; queue and cache are required. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts leasing items.
     *
     * @return this
     * @throws IllegalStateException if the worker was started before
     * @throws java.util.concurrent.RejectedExecutionException if the builder's executor rejects a task; the worker is
     *     stopped
     */
    public Worker start() {
        if (advance(State.RUNNING) != State.NEW) {
            throw new IllegalStateException("The worker has already been started. Build another worker.");
        }
        stopper.start();
        new JobWatch(context, ended).start();
        try {
            for (int i = 0; i < concurrency; i++) {
                executor.execute(this::work);
            }
        } catch (RuntimeException e) {
            stop(Duration.ZERO);
            throw e;
        }
        leaseManager.start();
        return this;
    }

    private void work() {
        if (state != State.RUNNING) {
            return; // stopped before the executor started this task
        }
        try {
            threads.call(this::processLeases);
        } catch (InterruptedException e) {
            LOG.log(
                    Level.DEBUG,
                    "{0} was interrupted and ends.",
                    Thread.currentThread().getName());
        } catch (Exception | Error e) {
            fail(e);
        } finally {
            Thread.interrupted(); // the interrupt comes from stop(); it must not affect the executor's next task
        }
    }

    private @Nullable Void processLeases() throws InterruptedException {
        for (Lease lease = leaseManager.next(); lease != null; lease = leaseManager.next()) {
            perform(lease);
        }
        return null;
    }

    private void perform(Lease lease) {
        // Also settles after unexpected errors; otherwise the lease would be renewed forever.
        Settlement end = new Settlement.HandedBack(lease);
        busy.incrementAndGet();
        try {
            end = attempt(lease);
        } finally {
            busy.decrementAndGet();
            leaseManager.finish(end);
        }
    }

    private Settlement attempt(Lease lease) {
        WorkItem item = lease.item();
        long start = events.taken(item);
        try {
            WorkResult result = process(
                    item, context.holding(leaseManager.hold(lease), units -> tally.progressed(item.id(), units)));
            events.done(item, result, start);
            return new Settlement.Done(lease);
        } catch (InterruptedException e) {
            return handBack(lease);
        } catch (Throwable e) {
            return failed(lease, e, start);
        }
    }

    private Settlement failed(Lease lease, Throwable error, long start) {
        if (Thread.interrupted() && state != State.RUNNING) {
            return handBack(lease);
        }
        WorkItem item = lease.item();
        FailureDecision decision = FailureDecision.of(error);
        LOG.log(Level.DEBUG, "{0} {1}: {2}", item.type(), item.id(), FailureDecision.reason(error));
        switch (decision.action()) {
            case RETRY -> events.failed(item, item.attempts() >= queue.options().maxAttempts(), error, start);
            case GIVE_UP -> events.failed(item, true, error, start);
            case HAND_BACK -> events.handedBack(item);
            case HAND_BACK_AND_STOP, LOST -> {
                events.handedBack(item, error);
                fail(error);
            }
        }
        return decision.settlement(lease, error);
    }

    private Settlement handBack(Lease lease) {
        events.handedBack(lease.item());
        return new Settlement.HandedBack(lease);
    }

    /** Returns whether a processor is registered for items of {@code type}. */
    boolean processes(String type) {
        return processors.containsKey(type);
    }

    /** Returns the types for which a processor is registered, in alphabetical order. */
    Set<String> types() {
        return processors.keySet();
    }

    private WorkResult process(WorkItem item, ItemContext context) throws InterruptedException {
        Processor processor = processors.get(item.type());
        if (processor == null) {
            throw WorkException.permanent(
                    "No processor is registered for type \"" + item.type() + "\"; the registered types are "
                            + processors.keySet() + ".",
                    null);
        }
        return processor.process(item, new WorkContext(context));
    }

    /**
     * Processes one item immediately on the calling thread, bypassing the queue: for platforms that deliver work
     * themselves. The item is counted like any other.
     *
     * @return what was done
     * @throws WorkException if no processor is registered for the item's type; also propagates what the processor
     *     throws
     * @throws InterruptedException if the calling thread is interrupted, or the worker stops and the time to finish is
     *     over
     */
    public WorkResult perform(WorkItem item) throws InterruptedException {
        return asCaller(() -> perform(item, context));
    }

    /**
     * Processes one item as {@link #perform(WorkItem)} does, followed by all items it enqueues, which bypass the queue.
     * When this method returns, no work is left and a platform may discard the item. An item that fails permanently
     * does not prevent the remaining items from being processed; any other failure ends the call.
     *
     * @return what was done for the item itself
     * @throws WorkException if no processor is registered for an item's type; also propagates what a processor throws.
     *     Processing all items again is safe
     * @throws InterruptedException if the calling thread is interrupted, or the worker stops
     */
    public WorkResult executeWithFollowUps(WorkItem item) throws InterruptedException {
        return asCaller(() -> {
            try (LocalWorkQueue followers =
                    LocalWorkQueue.builder().options(FOLLOWERS).build()) {
                ItemContext inside = context.inline(followers);
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

    private void performAll(WorkQueue followers, ItemContext inside) throws InterruptedException {
        RuntimeException failed = null;
        while (followers.size() > 0) {
            List<Lease> next = followers.reserve(1, LONGEST_INLINE_WAIT);
            if (next.isEmpty()) {
                throw WorkException.temporary(
                        "A follow-up item is not due yet. Send the item again later.", LATER, null);
            }
            Settlement end = new Settlement.Done(next.get(0));
            try {
                perform(next.get(0).item(), inside);
            } catch (RuntimeException e) {
                if (FailureDecision.of(e).action() != FailureDecision.Action.GIVE_UP) {
                    throw e;
                }
                failed = failed == null ? e : failed;
                end = new Settlement.Failed(
                        next.get(0), FailureDecision.reason(e), false, null); // the job's coordinator reads it
            }
            followers.settle(List.of(end));
        }
        if (failed != null) {
            throw failed;
        }
    }

    private WorkResult perform(WorkItem item, ItemContext inside) throws InterruptedException {
        if (state != State.RUNNING) {
            throw new InterruptedException("The worker is not running: it has not started, or is stopping.");
        }
        long start = events.taken(item);
        busy.incrementAndGet();
        try {
            WorkResult result = process(item, inside);
            events.done(item, result, start);
            return result;
        } catch (RuntimeException e) {
            events.failed(item, FailureDecision.of(e).action() == FailureDecision.Action.GIVE_UP, e, start);
            throw e;
        } catch (InterruptedException | Error e) {
            events.handedBack(item);
            throw e;
        } finally {
            busy.decrementAndGet();
        }
    }

    private interface Calling {
        WorkResult run() throws InterruptedException;
    }

    /** Treats the calling thread as one of the worker's: {@link #stop} waits for it, and interrupts it. */
    private WorkResult asCaller(Calling work) throws InterruptedException {
        try {
            return threads.call(work::run);
        } catch (InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e); // Calling declares no other exception
        }
    }

    /** Pauses the whole fleet when a host requests a pause. */
    private void pauseFleet(Duration length) {
        try {
            queue.pause(length);
        } catch (QueueException | IllegalStateException e) {
            LOG.log(Level.DEBUG, "Cannot notify the other workers of a pause: {0}", e.getMessage());
        }
    }

    /** Handles an error that would affect every other item too. */
    private void fail(Throwable error) {
        if (failure.compareAndSet(null, error)) {
            leaseManager.takeNoMore();
            failed.countDown();
        }
    }

    private void stopOnFailure() {
        try {
            failed.await();
        } catch (InterruptedException e) {
            return; // stopped before it failed
        }
        failure()
                .ifPresent(error -> LOG.log(
                        Level.WARNING, "The worker stops because of an error: {0}", FailureDecision.reason(error)));
        stop(grace);
    }

    /**
     * Waits until the queue is idle for all workers, or this worker has stopped. The queue reports when it is idle
     * ({@link WorkQueue#awaitIdle}); the worker's state is checked once a second.
     *
     * @return whether the queue is empty
     * @throws InterruptedException if the thread is interrupted while waiting
     */
    public boolean awaitIdle(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(patience);
        while (true) {
            long left = Math.min(end - System.nanoTime(), TimeUnit.SECONDS.toNanos(1));
            boolean idle = queue.awaitIdle(Duration.ofNanos(Math.max(0, left)));
            if (idle && leaseManager.held() == 0) {
                return true;
            }
            // The queue is idle although this worker still holds an item. Another worker has processed the item, and
            // this worker will detect that soon.
            long pause = idle ? TimeUnit.MILLISECONDS.toNanos(20) : 0;
            if (left <= 0 || ended.await(Math.min(left, pause), TimeUnit.NANOSECONDS)) {
                return false;
            }
        }
    }

    /**
     * Waits until the worker has stopped.
     *
     * @throws InterruptedException if the thread is interrupted while waiting
     */
    public void join() throws InterruptedException {
        ended.await();
    }

    /** Returns what stopped the worker, unless it was stopped on request. */
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }

    /** Returns the worker's state and counts. */
    public WorkerStatus status() {
        return new WorkerStatus(
                state,
                madeAt,
                concurrency,
                busy.get(),
                leaseManager.held(),
                tally.types(),
                tally.donePerSecond(),
                tally.unitsPerSecond(),
                tally.errors(),
                failure().map(FailureDecision::reason));
    }

    /** Returns the context of items, with the worker's queue. */
    ItemContext context() {
        return context;
    }

    /** Returns how many names the unfinished batches of {@code job} have fetched here so far. */
    long namesInProgress(String job) {
        return tally.running(JobItems.prefix(job));
    }

    /** Returns how many leases expired before they were renewed. */
    long lostLeases() {
        return events.lostLeases();
    }

    /** Returns the queue that the worker leases items from. */
    public WorkQueue queue() {
        return queue;
    }

    /**
     * Stops leasing items, returns items that have not started, and lets running items finish. Items that exceed the
     * grace period are interrupted and returned. Returns after the items are settled in the queue, at most two seconds
     * after {@code grace} for each of these steps. Idempotent: a second call waits for the first.
     *
     * <p>If the calling thread is interrupted, before or during the call, the grace period ends and the interrupt flag
     * stays set.
     *
     * @param grace grace period for items in progress
     * @return whether every item was finished or returned; otherwise the remaining leases expire
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

    /** Advances the state, which never goes backwards, and returns the previous one. */
    private synchronized State advance(State next) {
        State before = state;
        if (next.compareTo(before) > 0) {
            state = next;
        }
        return before;
    }

    /** Returns held items despite interrupts; otherwise other workers would wait for the leases to expire. */
    private boolean end(Duration grace) {
        leaseManager.stopFetching(concurrency);
        boolean interrupted = false;
        boolean ended = false;
        try {
            ended = threads.awaitNone(grace.toNanos());
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (!ended) {
            threads.interrupt();
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
            threads.awaitNone(AFTER_GRACE.toNanos());
        }
        return leaseManager.close(AFTER_GRACE);
    }

    private boolean awaitEnd() {
        try {
            ended.await();
            return true;
        } catch (InterruptedException e) {
            threads.interrupt();
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Stops with the grace period set in the builder. */
    @Override
    public void close() {
        stop(grace);
    }

    /** Builds a worker. Objects passed to it are shared and not closed. Not thread-safe. */
    public static final class Builder {
        /** Default concurrency, as documented by the JavaScript project. */
        public static final int DEFAULT_CONCURRENCY = 10;

        private @Nullable WorkQueue queue;
        private @Nullable Cache cache;
        private @Nullable Cache checkpoints;
        private @Nullable PartitionClient partitions;
        private @Nullable PackumentClient packuments;
        private final List<Processor> processors = new ArrayList<>();
        private Env env = Env.of(Map.of());
        private HostLimiters limiters = HostLimiters.shared();
        private @Nullable Executor executor;
        private WorkListener listener = WorkListener.NONE;
        private HttpListener httpListener = HttpListener.NONE;
        private Supplier<BaseHttpClient.Builder> http = BaseHttpClient::builder;
        private @Nullable NpmConfig npmConfig;
        private @Nullable HttpTransport transport;
        private int concurrency = DEFAULT_CONCURRENCY;
        private Duration grace = Duration.ofSeconds(10);
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /** Sets the queue to lease items from and to add follow-up items to. */
        public Builder queue(WorkQueue queue) {
            this.queue = queue;
            return this;
        }

        /** Sets where entries are stored. */
        public Builder cache(Cache cache) {
            this.cache = cache;
            return this;
        }

        /** Sets where progress is stored. Default: the cache of entries. */
        public Builder checkpoints(Cache checkpoints) {
            this.checkpoints = checkpoints;
            return this;
        }

        /** Adds a processor; it replaces a built-in or discovered processor of the same type. */
        public Builder processor(Processor processor) {
            processors.add(processor);
            return this;
        }

        /** Sets the environment that configures clients not set here, and that processors can read. Default: empty. */
        public Builder env(Env env) {
            this.env = env;
            return this;
        }

        /**
         * Sets the client that lists names from the origin. Default: a client configured by the environment, created on
         * first use.
         */
        public Builder partitions(PartitionClient client) {
            this.partitions = client;
            return this;
        }

        /**
         * Sets the client that fetches packuments from the registry. Default: a client configured by the environment
         * with {@code PACKUMENT_CONCURRENCY} (4) concurrent requests per item, created on first use.
         */
        public Builder packuments(PackumentClient client) {
            this.packuments = client;
            return this;
        }

        /**
         * Sets the limiters of the clients' hosts. A pause requested by a host is propagated to the whole fleet, and
         * pauses of the fleet apply here. Default: {@link HostLimiters#shared()}.
         */
        public Builder limiters(HostLimiters limiters) {
            this.limiters = limiters;
            return this;
        }

        /**
         * Sets a shared executor that processes the items and runs the requests of the clients that the worker creates.
         * The worker does not close it. It must have more free threads than {@link #concurrency} ×
         * ({@code PACKUMENT_CONCURRENCY} + 1). From JDK 21 on, {@code Executors.newVirtualThreadPerTaskExecutor()} is
         * suitable. The worker leases and settles items on its own daemon threads. Default: daemon threads, one for
         * each item that is processed at the same time, and those of the clients.
         */
        public Builder executor(Executor executor) {
            this.executor = executor;
            return this;
        }

        /**
         * Sets how many items are processed at the same time. Default: {@value #DEFAULT_CONCURRENCY}.
         *
         * @throws IllegalArgumentException if less than 1
         */
        public Builder concurrency(int items) {
            if (items < 1) {
                throw new IllegalArgumentException("The concurrency must be at least 1, but is " + items + ".");
            }
            this.concurrency = items;
            return this;
        }

        /** Sets the grace period for items in progress when the worker is closed or fails. Default: 10 s. */
        public Builder grace(Duration grace) {
            this.grace = grace;
            return this;
        }

        /** Sets the listener of the worker's items. Default: {@link WorkListener#NONE}. */
        public Builder listener(WorkListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets the listener of the HTTP clients that the worker creates. Clients that are passed to this builder do not
         * use it. Default: {@link HttpListener#NONE}.
         */
        public Builder httpListener(HttpListener listener) {
            this.httpListener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets the source of the builders for the HTTP clients that the worker creates, for example with a user agent
         * or timeouts. The worker calls it for each client, and sets npm configuration, transport, limiters and
         * listener of the returned builder. Default: {@link BaseHttpClient#builder()}.
         *
         * @param builders returns a new builder with each call
         */
        public Builder http(Supplier<BaseHttpClient.Builder> builders) {
            this.http = Objects.requireNonNull(builders, "builders");
            return this;
        }

        /** Sets the npm configuration of the clients that the worker creates. Default: that of the environment. */
        public Builder npmConfig(NpmConfig config) {
            this.npmConfig = Objects.requireNonNull(config, "config");
            return this;
        }

        /**
         * Sets the transport of the clients that the worker creates. The worker does not close it. Default: one that
         * the npm configuration describes, created on first use.
         */
        public Builder transport(HttpTransport transport) {
            this.transport = Objects.requireNonNull(transport, "transport");
            return this;
        }

        /** Sets the clock for rates and times. Default: the system clock. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Creates the worker, without starting it. */
        public Worker build() {
            return new Worker(this);
        }
    }
}
