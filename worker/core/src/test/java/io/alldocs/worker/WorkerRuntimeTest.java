package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WorkerRuntimeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void run_serverThatCannotAnswerAnyMore_endsWithItsError() throws Exception {
        OutOfMemoryError error = new OutOfMemoryError("Java heap space");
        try (WorkerRuntime runtime = WorkerRuntime.create(
                Env.of(Map.of("PORT", "0", "STORAGE_DRIVER", "memory", "QUEUE_DRIVER", "local")))) {
            CompletableFuture<Optional<Throwable>> ended = new CompletableFuture<>();
            Thread main = new Thread(() -> ended.complete(runtime.run()));
            main.start();
            Await.until("the worker runs", () -> isRunning(runtime));

            runtime.serverDied(error);

            assertThat(ended).succeedsWithin(PATIENCE).isEqualTo(Optional.of(error));
            assertThat(runtime.worker().status().state()).isEqualTo(WorkerStatus.State.STOPPED);
        }
    }

    private static boolean isRunning(WorkerRuntime runtime) {
        try {
            return runtime.worker().status().state() == WorkerStatus.State.RUNNING;
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
