package io.alldocs.worker;

import io.alldocs.Env;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.lease.FailureDecision;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Processes items on the thread of a caller, without the worker's queue. Safe for concurrent use. */
final class DirectExecution {
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

    private final Execution execution;

    DirectExecution(Execution execution) {
        this.execution = execution;
    }

    /** Processes one item; see {@link Worker#perform}. */
    WorkResult perform(WorkItem item) throws InterruptedException {
        return asCaller(() -> perform(item, execution.context()));
    }

    /** Processes one item and all items it enqueues; see {@link Worker#executeWithFollowUps}. */
    WorkResult performWithFollowUps(WorkItem item) throws InterruptedException {
        return asCaller(() -> {
            try (LocalWorkQueue followers =
                    LocalWorkQueue.builder().options(FOLLOWERS).build()) {
                ItemContext inside = execution.context().inline(followers);
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
                if (FailureDecision.of(e).action() != FailureDecision.Action.DEAD_LETTER) {
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
        if (!execution.running().getAsBoolean()) {
            throw new InterruptedException("The worker is not running: it has not started, or is stopping.");
        }
        long start = execution.events().started(item);
        execution.busy().incrementAndGet();
        try {
            WorkResult result = execution.processors().process(item, inside);
            execution.events().done(item, result, start);
            return result;
        } catch (RuntimeException e) {
            execution
                    .events()
                    .failed(item, FailureDecision.of(e).action() == FailureDecision.Action.DEAD_LETTER, e, start);
            throw e;
        } catch (InterruptedException | Error e) {
            execution.events().released(item);
            throw e;
        } finally {
            execution.busy().decrementAndGet();
        }
    }

    private interface Calling {
        WorkResult run() throws InterruptedException;
    }

    /** Treats the calling thread as one of the worker's: {@link Worker#stop} waits for it, and interrupts it. */
    private WorkResult asCaller(Calling work) throws InterruptedException {
        try {
            return execution.threads().call(work::run);
        } catch (InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e); // Calling declares no other exception
        }
    }
}
