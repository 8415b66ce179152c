package io.alldocs.spring;

import io.alldocs.cache.spi.StorageException;
import io.alldocs.http.TemporaryException;
import io.alldocs.sync.FollowOptions;
import io.alldocs.sync.JobInUseException;
import io.alldocs.sync.JobOwner;
import io.alldocs.sync.RegistrySync;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Runs a job on its own thread from the start of the application until its end. The start does not wait for the job.
 *
 * <p>Several instances of an application may share a store: one runs the job, and the others wait until it releases the
 * job or fails. A failure that waiting does not resolve, such as refused credentials, ends the job; the application
 * continues. Safe for concurrent use.
 */
final class SyncLifecycle implements SmartLifecycle {
    /** Time between two attempts to claim a job that another process runs, or whose store is unavailable. */
    static final Duration RETRY = Duration.ofSeconds(10);

    private static final Logger LOG = System.getLogger(SyncLifecycle.class.getName());

    private final RegistrySync sync;
    private final FollowOptions options;
    private final Duration retry;
    private volatile @Nullable RuntimeException waitsFor;
    private volatile @Nullable Throwable failure;
    private volatile boolean stopping;
    private @Nullable Thread thread;

    SyncLifecycle(RegistrySync sync, FollowOptions options, Duration retry) {
        this.sync = sync;
        this.options = options;
        this.retry = retry;
    }

    @Override
    public synchronized void start() {
        if (thread == null) {
            stopping = false;
            failure = null;
            Thread started = new Thread(this::run, "all-docs sync");
            started.setDaemon(false); // an application without a web server runs as long as its job
            thread = started;
            started.start();
        }
    }

    private void run() {
        try {
            while (!stopping && !attempt()) {
                Thread.sleep(retry.toMillis());
            }
        } catch (InterruptedException e) {
            LOG.log(
                    Level.DEBUG,
                    "The job {0} was stopped before it was claimed.",
                    sync.job().id());
        } catch (RuntimeException | Error e) {
            failure = e;
            LOG.log(Level.ERROR, "The sync job of {0} ended: {1}", sync.job().what(), e.getMessage());
        } finally {
            waitsFor = null;
        }
    }

    /** Runs the job if no other process does, and returns whether it has ended. */
    private boolean attempt() {
        try (JobOwner claim = sync.claim("Spring application")) {
            LOG.log(
                    Level.DEBUG,
                    "Claim {0} of the job {1}",
                    claim.epoch(),
                    sync.job().id());
            waitsFor = null;
            return work();
        } catch (JobInUseException e) {
            return waits(e);
        } catch (StorageException e) {
            if (stopping || !e.retryable()) {
                throw e;
            }
            return waits(e);
        }
    }

    private boolean waits(RuntimeException cause) {
        if (waitsFor == null) {
            LOG.log(Level.DEBUG, "The job waits: {0}", cause.getMessage());
        }
        waitsFor = cause;
        return false;
    }

    /** A job without an origin has no feed, so that it ends with its bootstrap. */
    private boolean work() {
        if (sync.job().origin().isPresent()) {
            sync.follow(options);
            return true;
        }
        RuntimeException cause = sync.bootstrap().cause();
        if (cause == null || stopping) {
            return true;
        }
        if (cause instanceof TemporaryException) {
            return waits(cause);
        }
        throw cause;
    }

    /** Returns the last failure to claim the job while it waits, such as another process that runs it. */
    Optional<RuntimeException> waitsFor() {
        return Optional.ofNullable(waitsFor);
    }

    /** Returns what ended the job. */
    Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    /** Waits until the job has ended; its requests in flight are abandoned. */
    @Override
    public void stop() {
        Thread running;
        synchronized (this) {
            running = thread;
            thread = null;
        }
        if (running == null) {
            return;
        }
        stopping = true;
        try {
            while (running.isAlive()) {
                running.interrupt(); // again, because a listener of the application may have consumed the interrupt
                running.join(Duration.ofSeconds(1).toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops on a separate thread, so that {@code spring.lifecycle.timeout-per-shutdown-phase} limits the wait. */
    @Override
    public void stop(Runnable callback) {
        Thread stopper = new Thread(
                () -> {
                    try {
                        stop();
                    } finally {
                        callback.run();
                    }
                },
                "all-docs sync stop");
        stopper.setDaemon(true);
        stopper.start();
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null;
    }

    /**
     * Returns false. Otherwise a job that is paused between two uses of a test's context would claim the job each time.
     */
    @Override
    public boolean isPauseable() {
        return false;
    }
}
