package io.alldocs.packument;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A future that, when cancelled, interrupts the thread that executes the request. A plain {@link CompletableFuture}
 * does not do that.
 */
final class AsyncRequest<T> extends CompletableFuture<T> implements Runnable {

    private final FutureTask<@Nullable Void> task;

    private AsyncRequest(Supplier<T> request, Consumer<T> release) {
        task = new FutureTask<>(
                () -> {
                    try {
                        T result = request.get();
                        if (!complete(result)) {
                            release.accept(result);
                        }
                    } catch (RuntimeException | Error e) {
                        completeExceptionally(e);
                    }
                },
                null);
    }

    /**
     * Starts a request.
     *
     * @param release releases a result that arrives after the future was cancelled
     */
    static <T> CompletableFuture<T> start(Supplier<T> request, Consumer<T> release, Executor executor) {
        AsyncRequest<T> started = new AsyncRequest<>(request, release);
        try {
            executor.execute(started);
        } catch (RejectedExecutionException e) {
            started.completeExceptionally(e);
        }
        return started;
    }

    @Override
    public void run() {
        task.run();
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
        boolean cancelled = super.cancel(mayInterrupt);
        if (cancelled) {
            task.cancel(true);
        }
        return cancelled;
    }

    /**
     * Returns a plain future for dependent stages. Cancelling one of them does not cancel the request, which others may
     * be waiting for.
     */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
