package io.alldocs.worker.contract;

import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * The contract that every {@link WorkQueue} must fulfil. Extend it in the queue's tests and implement the abstract
 * methods, against the most realistic server that runs without special infrastructure.
 *
 * <p>If the tests can set the queue's clock, return it in {@link #clock()}; no test then waits. With a real clock,
 * tests wait for events and check only that an event did not happen too early. A slow machine therefore fails no test.
 */
public abstract class WorkQueueContract
        implements EnqueueContract,
                RetryContract,
                LeaseContract,
                DeadLetterContract,
                IdleContract,
                RateContract,
                ConcurrencyContract,
                CloseContract {
    private final QueueHarness harness = new QueueHarness(this);

    /** Called by subclasses; JUnit creates one instance per test. */
    protected WorkQueueContract() {}

    /**
     * Returns a queue on the server under test, with the items that the server stores under this name. The suite closes
     * it.
     */
    protected abstract WorkQueue newQueue(QueueOptions options) throws Exception;

    /**
     * Returns the same queue as seen by another worker, for example in another process; {@code queue} itself if the
     * queue belongs to one process. The suite closes it.
     */
    protected abstract WorkQueue another(WorkQueue queue) throws Exception;

    /** Empties the server under test, bypassing any queue. */
    protected abstract void clear() throws Exception;

    /** Returns whether items are still in the queue after it is closed and created again. */
    protected abstract boolean outlivesClose();

    /**
     * Returns a function that advances the clock of all queues of this test; empty if the clock is real. Default:
     * empty.
     */
    protected Optional<Consumer<Duration>> clock() {
        return Optional.empty();
    }

    /** Returns the queue of this test. */
    @Override
    public final WorkQueue queue() {
        return harness.queue();
    }

    /** Returns the means of the tests, for this package only. */
    @Override
    public final QueueHarness harness() {
        return harness;
    }

    @BeforeEach
    final void begin() throws Exception {
        harness.begin();
    }

    @AfterEach
    final void end() throws Exception {
        harness.end();
    }
}
