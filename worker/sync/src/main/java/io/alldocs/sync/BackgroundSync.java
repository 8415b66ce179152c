package io.alldocs.sync;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Runs a job on its own thread. */
final class BackgroundSync {
    private final RegistrySync sync;
    private final FollowOptions options;
    private final SyncListener listener;
    private final Clock clock;
    private final Runnable release;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Thread thread = new Thread(this::run, "all-docs sync");
    private volatile @Nullable String problem;
    private @Nullable Instant outageSince;

    /** Whether the job has ended, and whether {@code release} runs at its end. Guarded by this. */
    private boolean ended;

    private boolean releases;

    /** @param release closes the resources of the job */
    BackgroundSync(RegistrySync sync, FollowOptions options, SyncListener listener, Runnable release) {
        this.sync = sync;
        this.options = options;
        this.listener = listener;
        this.clock = sync.cache().clock();
        this.release = release;
        thread.setDaemon(true);
    }

    CompletableFuture<Void> start() {
        thread.start();
        return end.copy();
    }

    /** Returns the failure for which the job waits before it can begin; null if it does not wait. */
    @Nullable
    String problem() {
        return problem;
    }

    /** Returns whether the job will do no more work. */
    synchronized boolean hasEnded() {
        return ended;
    }

    private void run() {
        Throwable failure = null;
        try {
            work();
        } catch (InterruptedException e) {
            // stopped while it was waiting
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        problem = null;
        if (end()) {
            try {
                release.run();
            } catch (RuntimeException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure == null) {
            end.complete(null);
        } else {
            end.completeExceptionally(failure);
        }
    }

    private synchronized boolean end() {
        ended = true;
        return releases;
    }

    private void work() throws InterruptedException {
        PollInterval waiting = new PollInterval(options.interval(), options.maxInterval());
        while (!attempt()) {
            waiting.afterFailure();
            Thread.sleep(waiting.next().toMillis());
        }
    }

    /**
     * Makes one attempt to run the job. {@link Follower} waits for outages itself, except for a store that is
     * unavailable when the job is claimed.
     *
     * @return whether the job has ended
     */
    private boolean attempt() {
        try {
            if (sync.job().origin().isPresent()) {
                sync.follow(options, this::endOutage);
            } else {
                bootstrap();
                endOutage();
            }
            return true;
        } catch (RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                return true;
            }
            if (!Failures.mayPass(e) || options.until() == FollowOptions.Until.ONCE) {
                throw e;
            }
            beginOutage(e);
            return false;
        }
    }

    private void bootstrap() {
        RuntimeException cause = sync.bootstrap().cause();
        if (cause != null) {
            throw cause;
        }
    }

    private void beginOutage(RuntimeException failure) {
        if (outageSince == null) {
            outageSince = clock.instant();
        }
        String words = Failures.message(failure);
        if (!words.equals(problem)) {
            listener.paused(failure);
        }
        problem = words;
    }

    private void endOutage() {
        Instant since = outageSince;
        if (since != null) {
            listener.resumed(Elapsed.between(since, clock.instant()));
            outageSince = null;
            problem = null;
        }
    }

    /**
     * Interrupts the job and waits until it has ended. On the job's own thread, such as in a listener, it cannot wait:
     * the job ends after this call and then releases its resources.
     *
     * @return whether it has ended
     */
    boolean stop() {
        if (Thread.currentThread() == thread) {
            return stopOwnThread();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            thread.interrupt();
            try {
                thread.join(Duration.ofSeconds(1).toMillis());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    private synchronized boolean stopOwnThread() {
        if (!ended) {
            releases = true;
            thread.interrupt();
        }
        return ended;
    }
}
