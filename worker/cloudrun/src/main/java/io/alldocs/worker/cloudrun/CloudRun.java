package io.alldocs.worker.cloudrun;

import io.alldocs.cache.Env;
import io.alldocs.worker.WorkerRuntime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the container starts: the runtime {@code cloudrun}, or the one that {@code RUNTIME} names, as the environment says. Ends with 0 when it was asked to
 * stop, 1 when the worker failed, 2 when it cannot start.
 */
public final class CloudRun {
    private CloudRun() {}

    /** Runs until SIGTERM; with the argument {@code --rehearse} does what a start does, without a cloud, and ends. */
    public static void main(String[] args) {
        if (args.length == 1 && args[0].equals("--rehearse")) {
            Rehearsal.run();
            return;
        }
        System.exit(run(System.getenv()));
    }

    private static int run(Map<String, String> environment) {
        Map<String, String> values = new HashMap<>(environment);
        values.putIfAbsent("RUNTIME", "cloudrun");
        try (WorkerRuntime runtime = WorkerRuntime.create(Env.of(values))) {
            Optional<Throwable> failure = runtime.run();
            failure.ifPresent(error -> System.err.println("The worker failed: " + error.getMessage()));
            return failure.isPresent() ? 1 : 0;
        } catch (RuntimeException e) {
            System.err.println("The worker cannot start: " + e.getMessage());
            return 2;
        }
    }
}
