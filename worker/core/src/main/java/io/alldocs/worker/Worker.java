package io.alldocs.worker;

import io.alldocs.OperationInterruptedException;
import io.alldocs.worker.WorkerStatus.State;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.context.WorkClients;
import io.alldocs.worker.internal.jobs.JobItems;
import io.alldocs.worker.internal.jobs.JobWatch;
import io.alldocs.worker.internal.lease.FailureDecision;
import io.alldocs.worker.internal.lease.LeaseManager;
import io.alldocs.worker.internal.progress.WorkEvents;
import io.alldocs.worker.internal.progress.WorkerTally;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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

    /** Time for interrupted tasks to end, and for settling the items in the queue. */
    private static final Duration AFTER_GRACE = Duration.ofSeconds(2);

    private final WorkQueue queue;
    private final int concurrency;
    private final Duration grace;
    private final Clock clock;
    private final WorkClients clients;
    private final WorkerTally tally;
    private final Execution execution;
    private final LeaseManager leaseManager;
    private final LeaseLoop loop;
    private final DirectExecution direct;
    private final Instant madeAt;
    private final Executor executor;
    private final WorkerThreads threads = new WorkerThreads();

    /** Created in advance, because it may be impossible to create a thread after an OutOfMemoryError. */
    private final Thread stopper = new Thread(this::stopOnFailure, "all-docs-worker-stop");

    private final CountDownLatch failed = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile State state = State.NEW;

    Worker(WorkerBuilder builder) {
        this.queue = Objects.requireNonNull(builder.queue, "queue");
        this.concurrency = builder.concurrency;
        this.grace = builder.grace;
        this.clock = builder.clock;
        this.clients = builder.clients(this::pauseFleet);
        this.tally = new WorkerTally(clock);
        this.execution = new Execution(
                new ItemContext(builder.env, queue, clients, () -> state != State.RUNNING),
                new Processors(builder.processors),
                new WorkEvents(tally, builder.listener),
                threads,
                new AtomicInteger(),
                () -> state == State.RUNNING);
        this.leaseManager = new LeaseManager(queue, concurrency, this::fail, execution.events()::leaseLost);
        this.loop = new LeaseLoop(execution, leaseManager, queue.options().maxAttempts(), this::fail);
        this.direct = new DirectExecution(execution);
        this.madeAt = clock.instant();
        this.executor = builder.executor == null ? WorkerThreads.executor() : builder.executor;
        stopper.setDaemon(true);
        queue.onPause(clients::pause);
    }

    /** Returns a builder; queue and cache are required. */
    public static WorkerBuilder builder() {
        return new WorkerBuilder();
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
        new JobWatch(execution.context(), ended).start();
        try {
            for (int i = 0; i < concurrency; i++) {
                executor.execute(loop);
            }
        } catch (RuntimeException e) {
            stop(Duration.ZERO);
            throw e;
        }
        leaseManager.start();
        return this;
    }

    /** Returns the types for which a processor is registered, in alphabetical order. */
    Set<String> types() {
        return execution.processors().types();
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
        return direct.perform(item);
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
        return direct.performWithFollowUps(item);
    }

    /** Pauses the whole fleet when a host requests a pause. */
    private void pauseFleet(Duration length) {
        try {
            queue.pause(length);
        } catch (QueueException | OperationInterruptedException | IllegalStateException e) {
            LOG.log(Level.DEBUG, "Cannot notify the other workers of a pause: {0}", e.getMessage());
        }
    }

    /** Handles an error that would affect every other item too. */
    private void fail(Throwable error) {
        if (failure.compareAndSet(null, error)) {
            leaseManager.stopLeasing();
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
                execution.busy().get(),
                leaseManager.held(),
                tally.types(),
                tally.donePerSecond(),
                tally.unitsPerSecond(),
                tally.errors(),
                failure().map(FailureDecision::reason));
    }

    /** Returns the context of items, with the worker's queue. */
    ItemContext context() {
        return execution.context();
    }

    /** Returns how many names the unfinished batches of {@code job} have fetched here so far. */
    long namesInProgress(String job) {
        return tally.running(JobItems.prefix(job));
    }

    /** Returns how many leases expired before they were renewed. */
    long lostLeases() {
        return execution.events().lostLeases();
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
        boolean settled = switch (before) {
            case RUNNING -> end(grace);
            case STOPPING -> awaitEnd();
            case NEW, STOPPED -> true;
        };
        if (before == State.RUNNING || before == State.NEW) {
            clients.close();
            advance(State.STOPPED);
            ended.countDown();
            if (Thread.currentThread() != stopper) {
                stopper.interrupt();
            }
        }
        return settled;
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
        Optional<Boolean> settled = Optional.empty();
        while (settled.isEmpty()) {
            try {
                settled = Optional.of(settleAll(ended));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return settled.get();
    }

    private boolean settleAll(boolean ended) throws InterruptedException {
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
}
