package io.alldocs.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A call on an executor whose future, once cancelled, interrupts the thread that runs it; a plain CompletableFuture lets it run on. */
final class Cancellation {
    private @Nullable Thread runner;
    private boolean over;

    private Cancellation() {}

    static <T> CompletableFuture<T> run(Executor executor, Supplier<T> call) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Cancellation cancellation = new Cancellation();
        executor.execute(() -> cancellation.run(future, call));
        CompletableFuture<T> unused = future.whenComplete((result, error) -> {
            if (future.isCancelled()) {
                cancellation.cancel();
            }
        });
        return future;
    }

    private <T> void run(CompletableFuture<T> future, Supplier<T> call) {
        if (!begin()) {
            return;
        }
        try {
            future.complete(call.get());
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

    /** The interrupt was for this call; the pool's thread goes on without it. */
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
