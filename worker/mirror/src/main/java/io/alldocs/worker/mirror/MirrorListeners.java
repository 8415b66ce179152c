package io.alldocs.worker.mirror;

import io.alldocs.packument.VersionRule;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls the mirror's own listener, then the application's, and catches the exceptions of the latter, so that they do
 * not end a response. Safe for concurrent use.
 */
final class MirrorListeners implements MirrorListener {
    private static final System.Logger LOG = System.getLogger(MirrorServer.class.getName());

    private final MirrorListener first;
    private final MirrorListener second;
    private final AtomicBoolean hasFailed = new AtomicBoolean();

    private MirrorListeners(MirrorListener first, MirrorListener second) {
        this.first = first;
        this.second = second;
    }

    /**
     * Returns a listener that calls both.
     *
     * @param own null if nothing is counted for a page of metrics
     */
    static MirrorListener of(@Nullable MirrorMetrics own, MirrorListener applications) {
        MirrorListener first = own == null ? NONE : own;
        return applications == NONE ? first : new MirrorListeners(first, applications);
    }

    private void tell(Consumer<MirrorListener> event) {
        event.accept(first);
        try {
            event.accept(second);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            System.Logger.Level level =
                    hasFailed.getAndSet(true) ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
            LOG.log(
                    level,
                    "The listener of a mirror failed; the mirror continues. Its next failures are logged at DEBUG.",
                    e);
        }
    }

    @Override
    public void answered(String route, int status, Duration time) {
        tell(listener -> listener.answered(route, status, time));
    }

    @Override
    public void sent(long bytes) {
        tell(listener -> listener.sent(bytes));
    }

    @Override
    public void policyRefused(VersionRule rule) {
        tell(listener -> listener.policyRefused(rule));
    }

    @Override
    public void policyRemoved(VersionRule rule) {
        tell(listener -> listener.policyRemoved(rule));
    }

    @Override
    public void happened(MirrorEvent event) {
        tell(listener -> listener.happened(event));
    }
}
