package io.alldocs.packument;

import io.alldocs.cache.run.BoundedRun;
import io.alldocs.spi.CancellableCall;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs what a client runs in parallel, on the executor of the builder or on its own threads. */
final class RequestExecutor implements AutoCloseable {
    private final @Nullable Executor given;
    private final @Nullable ThreadPoolExecutor own;

    /** @param given belongs to the caller; null for own threads */
    RequestExecutor(@Nullable Executor given, int threads) {
        this.given = given;
        this.own = given == null ? newPool(threads) : null;
    }

    /** Creates a pool whose threads start when a request needs them and end after a minute without requests. */
    private static ThreadPoolExecutor newPool(int threads) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(threads, threads, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "packument");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        pool.setRejectedExecutionHandler((task, closed) -> abandon(task));
        return pool;
    }

    /** Fails the future of a request that the pool will no longer run. */
    private static void abandon(Runnable task) {
        if (task instanceof CancellableCall<?> request) {
            request.abandon(new IllegalStateException("The client is closed."));
        }
    }

    /**
     * Starts an asynchronous request.
     *
     * @param release releases a result that arrives after the future was cancelled
     */
    <T> CompletableFuture<T> start(Supplier<T> request, Consumer<T> release) {
        return CancellableCall.start(own != null ? own : ofRun(), request, release);
    }

    /** Returns the executor of one run. Without a given one, each run has its own threads. */
    Executor ofRun() {
        return given != null ? given : BoundedRun.threadPerTask();
    }

    /** Interrupts the asynchronous requests that run on own threads, and fails those that wait for one. */
    @Override
    public void close() {
        if (own != null) {
            own.shutdownNow().forEach(RequestExecutor::abandon);
        }
    }
}
