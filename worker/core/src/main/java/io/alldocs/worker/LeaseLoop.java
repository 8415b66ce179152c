package io.alldocs.worker;

import io.alldocs.worker.internal.lease.FailureDecision;
import io.alldocs.worker.internal.lease.LeaseManager;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.Settlement;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Processes leased items one after the other, and settles each. Several threads of a worker run the same loop. */
final class LeaseLoop implements Runnable {
    private static final Logger LOG = System.getLogger(Worker.class.getName());

    private final Execution execution;
    private final LeaseManager leases;
    private final int maxAttempts;
    private final Consumer<Throwable> onFailure;

    /** @param onFailure is called with an error that would affect every item */
    LeaseLoop(Execution execution, LeaseManager leases, int maxAttempts, Consumer<Throwable> onFailure) {
        this.execution = execution;
        this.leases = leases;
        this.maxAttempts = maxAttempts;
        this.onFailure = onFailure;
    }

    /** Processes leased items until there are no more. */
    @Override
    public void run() {
        if (!execution.running().getAsBoolean()) {
            return; // stopped before the executor started this task
        }
        try {
            execution.threads().call(this::processLeases);
        } catch (InterruptedException e) {
            LOG.log(
                    Level.DEBUG,
                    "{0} was interrupted and ends.",
                    Thread.currentThread().getName());
        } catch (Exception | Error e) {
            onFailure.accept(e);
        } finally {
            Thread.interrupted(); // the interrupt comes from stop(); it must not affect the executor's next task
        }
    }

    private @Nullable Void processLeases() throws InterruptedException {
        for (Lease lease = leases.next(); lease != null; lease = leases.next()) {
            perform(lease);
        }
        return null;
    }

    private void perform(Lease lease) {
        // Also settles after unexpected errors; otherwise the lease would be renewed forever.
        Settlement end = new Settlement.Released(lease);
        execution.busy().incrementAndGet();
        try {
            end = attempt(lease);
        } finally {
            execution.busy().decrementAndGet();
            leases.finish(end);
        }
    }

    private Settlement attempt(Lease lease) {
        WorkItem item = lease.item();
        long start = execution.events().started(item);
        try {
            WorkResult result = execution
                    .processors()
                    .process(
                            item,
                            execution
                                    .context()
                                    .holding(
                                            leases.hold(lease),
                                            units -> execution.events().progressed(item, units)));
            execution.events().done(item, result, start);
            return new Settlement.Done(lease);
        } catch (InterruptedException e) {
            return release(lease);
        } catch (Throwable e) {
            return failed(lease, e, start);
        }
    }

    private Settlement failed(Lease lease, Throwable error, long start) {
        if (Thread.interrupted() && !execution.running().getAsBoolean()) {
            return release(lease);
        }
        WorkItem item = lease.item();
        FailureDecision decision = FailureDecision.of(error);
        LOG.log(Level.DEBUG, "{0} {1}: {2}", item.type(), item.id(), FailureDecision.reason(error));
        switch (decision.action()) {
            case RETRY -> execution.events().failed(item, item.attempts() >= maxAttempts, error, start);
            case DEAD_LETTER -> execution.events().failed(item, true, error, start);
            case RELEASE -> execution.events().released(item);
            case RELEASE_AND_STOP, LOST -> {
                execution.events().released(item, error);
                onFailure.accept(error);
            }
        }
        return decision.settlement(lease, error);
    }

    private Settlement release(Lease lease) {
        execution.events().released(lease.item());
        return new Settlement.Released(lease);
    }
}
