package io.alldocs.worker.internal.progress;

import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkListener;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.internal.lease.FailureDecision;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** Counts the items that a worker processes, and calls its listener. Safe for concurrent use. */
public final class WorkEvents {
    private static final Logger LOG = System.getLogger("io.alldocs.worker.Worker");

    private final WorkerTally tally;
    private final WorkListener listener;
    private final AtomicBoolean hasFailed = new AtomicBoolean();
    private final LongAdder lostLeases = new LongAdder();

    public WorkEvents(WorkerTally tally, WorkListener listener) {
        this.tally = tally;
        this.listener = listener;
    }

    /**
     * Returns the start of an attempt, by {@link System#nanoTime}, for the methods below.
     *
     * @param item is being processed from now on
     */
    public long started(WorkItem item) {
        tell(() -> listener.started(item));
        return System.nanoTime();
    }

    /** Counts units of work in an item that is not done yet. */
    public void progressed(WorkItem item, long units) {
        tally.progressed(item.id(), units);
    }

    public void done(WorkItem item, WorkResult result, long start) {
        long nanos = System.nanoTime() - start;
        tally.done(item, result.units(), nanos / 1e9);
        tell(() -> listener.done(item, result, Duration.ofNanos(nanos)));
    }

    public void failed(WorkItem item, boolean forGood, Throwable failure, long start) {
        long nanos = System.nanoTime() - start;
        tally.failed(item, forGood, FailureDecision.reason(failure), nanos / 1e9);
        tell(() -> {
            if (forGood) {
                listener.dead(item, failure, Duration.ofNanos(nanos));
            } else {
                listener.retried(item, failure, Duration.ofNanos(nanos));
            }
        });
    }

    public void released(WorkItem item) {
        tally.released(item);
        tell(() -> listener.released(item));
    }

    /** Does the same as {@link #released}, and also records the reason. */
    public void released(WorkItem item, Throwable failure) {
        tally.note(item, FailureDecision.reason(failure));
        released(item);
    }

    public void leaseLost(WorkItem item) {
        lostLeases.increment();
        tell(() -> listener.leaseLost(item));
    }

    public long lostLeases() {
        return lostLeases.sum();
    }

    /** Calls the listener and catches its exceptions, so that they do not affect the item. */
    private void tell(Runnable event) {
        if (listener == WorkListener.NONE) {
            return;
        }
        try {
            event.run();
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            Level level = hasFailed.getAndSet(true) ? Level.DEBUG : Level.WARNING;
            LOG.log(
                    level,
                    "The listener of a worker failed; the worker continues. Its next failures are logged at DEBUG.",
                    e);
        }
    }
}
