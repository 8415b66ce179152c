package io.alldocs.spi;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call on an executor. Cancelling its future interrupts the thread that runs it, whereas cancelling a plain
 * CompletableFuture lets the call continue.
 */
public final class CancellableCall<T> implements Runnable {
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private final Supplier<T> call;
    private final Consumer<T> release;
    private @Nullable Thread runner;
    private boolean over;

    private CancellableCall(Supplier<T> call, Consumer<T> release) {
        this.call = call;
        this.release = release;
    }

    /**
     * Starts a call and returns its future.
     *
     * @param release releases a result that arrives after the future was cancelled
     */
    public static <T> CompletableFuture<T> start(Executor executor, Supplier<T> call, Consumer<T> release) {
        CancellableCall<T> started = new CancellableCall<>(call, release);
        CompletableFuture<T> future = started.future;
        try {
            executor.execute(started);
        } catch (RejectedExecutionException e) {
            started.abandon(e);
        }
        CompletableFuture<T> unused = future.whenComplete((result, error) -> {
            if (future.isCancelled()) {
                started.cancel();
            }
        });
        return future;
    }

    /** Fails the future of a call that its executor will not run. */
    public void abandon(RuntimeException why) {
        future.completeExceptionally(why);
    }

    @Override
    public void run() {
        if (!begin()) {
            return;
        }
        try {
            T result = call.get();
            if (!future.complete(result)) {
                release.accept(result);
            }
        } catch (Throwable e) {
            future.completeExceptionally(e);
        } finally {
            end();
        }
    }

    private synchronized boolean begin() {
        runner = Thread.currentThread();
        return !over;
    }

    /** Ends the call and clears its interrupt, so that the pool's thread is not affected. */
    private synchronized void end() {
        if (over) {
            Thread.interrupted();
        }
        over = true;
    }

    private synchronized void cancel() {
        if (!over && runner != null) {
            runner.interrupt();
        }
        over = true;
    }
}
