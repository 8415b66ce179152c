package io.alldocs.sync;

import io.alldocs.packument.PackumentResult;
import io.alldocs.partition.Sequence;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Forwards the events of a job to the user's listener and counts the progress of the current phase. Failures of the
 * listener are logged and do not end the job.
 */
final class Activity implements SyncListener {
    private static final Logger LOG = System.getLogger(Activity.class.getName());

    private final SyncListener listener;
    private final LongAdder done = new LongAdder();
    private final AtomicBoolean hasFailed = new AtomicBoolean();
    private volatile @Nullable SyncPhase phase;
    private volatile long total;

    Activity(SyncListener listener) {
        this.listener = listener;
    }

    /**
     * Calls the listener. No exception that it throws ends the job, including checked exceptions thrown by other JVM
     * languages. An interrupt is preserved, and a VirtualMachineError is rethrown.
     */
    private void tell(Consumer<SyncListener> event) {
        try {
            event.accept(listener);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            Level level = hasFailed.getAndSet(true) ? Level.DEBUG : Level.WARNING;
            LOG.log(
                    level,
                    "A job listener threw an exception. The job continues; further exceptions are logged at DEBUG.",
                    e);
        }
    }

    @Nullable
    SyncPhase phase() {
        return phase;
    }

    long done() {
        return done.sum();
    }

    OptionalLong total() {
        long known = total;
        return known == 0 ? OptionalLong.empty() : OptionalLong.of(known);
    }

    @Override
    public void phaseStarted(SyncPhase next, long count) {
        done.reset();
        total = count;
        phase = next;
        tell(user -> user.phaseStarted(next, count));
    }

    @Override
    public void progressed(long count) {
        done.add(count);
        tell(user -> user.progressed(count));
    }

    @Override
    public void phaseEnded() {
        phase = null;
        done.reset();
        total = 0;
        tell(SyncListener::phaseEnded);
    }

    @Override
    public void outcome(PackumentResult result) {
        tell(user -> user.outcome(result));
    }

    @Override
    public void failed(String item, RuntimeException failure) {
        tell(user -> user.failed(item, failure));
    }

    @Override
    public void changed(ChangedPackage change) {
        tell(user -> user.changed(change));
    }

    @Override
    public void reconciling(String reason) {
        tell(user -> user.reconciling(reason));
    }

    @Override
    public void following(Sequence position) {
        tell(user -> user.following(position));
    }

    @Override
    public void resetSuspected(String reason) {
        tell(user -> user.resetSuspected(reason));
    }

    @Override
    public void requestsFailed(long count, SyncResult.Foreign foreign) {
        tell(user -> user.requestsFailed(count, foreign));
    }

    @Override
    public void paused(RuntimeException cause) {
        tell(user -> user.paused(cause));
    }

    @Override
    public void resumed(Duration outage) {
        tell(user -> user.resumed(outage));
    }
}
