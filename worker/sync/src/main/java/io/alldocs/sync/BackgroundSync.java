package io.alldocs.sync;

import io.alldocs.cache.StorageException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A job at work on a thread of its own. */
final class BackgroundSync implements AutoCloseable {
    private final RegistrySync sync;
    private final FollowOptions options;
    private final SyncListener listener;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Thread thread = new Thread(this::run, "all-docs sync");

    BackgroundSync(RegistrySync sync, FollowOptions options, SyncListener listener) {
        this.sync = sync;
        this.options = options;
        this.listener = listener;
        thread.setDaemon(true);
    }

    CompletableFuture<Void> start() {
        thread.start();
        return end.copy();
    }

    private void run() {
        PollInterval waiting = new PollInterval(options.interval(), options.maxInterval());
        try {
            while (!attempt()) {
                waiting.afterFailure();
                Thread.sleep(waiting.next().toMillis());
            }
            end.complete(null);
        } catch (InterruptedException e) {
            end.complete(null);
        } catch (RuntimeException | Error e) {
            end.completeExceptionally(e);
        }
    }

    /** A store that is away when the job is claimed is waited for; {@link Follower} waits for everything else. @return whether it has ended */
    private boolean attempt() {
        try {
            if (sync.job().origin().isPresent()) {
                sync.follow(options);
            } else {
                bootstrap();
            }
            return true;
        } catch (StorageException e) {
            if (Thread.currentThread().isInterrupted()) {
                return true;
            }
            if (!e.retryable()) {
                throw e;
            }
            listener.paused(e);
            return false;
        }
    }

    private void bootstrap() {
        RuntimeException cause = sync.bootstrap().cause();
        if (cause != null && !Thread.currentThread().isInterrupted()) {
            throw cause;
        }
    }

    /** Interrupts the job and waits until it has ended. */
    @Override
    public void close() {
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
    }
}
