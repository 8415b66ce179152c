package io.alldocs.worker.internal.lease;

import io.alldocs.worker.spi.QueueException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Logs when one kind of call to the queue fails (once for each reason), and when it succeeds again. Not thread-safe.
 */
final class QueueOutage {
    private static final Logger LOG = System.getLogger("io.alldocs.worker.Worker");

    private @Nullable String told;
    private long sinceNanos;

    /** Records that the call failed and will be repeated. */
    void failed(QueueException failure) {
        String reason = String.valueOf(failure.getMessage());
        if (told == null) {
            sinceNanos = System.nanoTime();
        }
        boolean isNew = !reason.equals(told);
        told = reason;
        LOG.log(
                isNew ? Level.WARNING : Level.DEBUG,
                "The worker retries the request to the queue until it succeeds. {0}",
                reason);
    }

    /** Records that the call succeeded. */
    void over() {
        if (told != null) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - sinceNanos);
            LOG.log(Level.WARNING, "The queue is available again after {0} s.", String.valueOf(seconds));
            told = null;
        }
    }
}
