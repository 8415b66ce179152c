package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A worker process that is started again when it ends, as a platform does. A process without memory either replaces its
 * worker, or ends when the error has hit a thread that cannot be replaced.
 */
final class SupervisedWorker implements AutoCloseable {
    private final Path folder;
    private final Map<String, String> environment;
    private WorkerProcess current;

    SupervisedWorker(Path folder, Map<String, String> environment) throws Exception {
        this.folder = folder;
        this.environment = environment;
        this.current = WorkerProcess.start(folder, environment);
    }

    interface Condition {
        boolean holds(WorkerProcess worker) throws Exception;
    }

    /** Returns the process that runs, or that ended last. */
    WorkerProcess current() {
        return current;
    }

    /** Waits until a condition holds for the current process, through broken connections and new processes. */
    void await(String what, Condition condition) throws Exception {
        Await.until(what, () -> {
            restartIfEnded();
            try {
                return condition.holds(current);
            } catch (IOException e) {
                return false; // without memory, or between two processes
            }
        });
    }

    private void restartIfEnded() throws Exception {
        if (!current.isAlive()) {
            assertThat(current.exitCode()).as(current.err()).isEqualTo(1);
            assertThat(current.err()).contains("ran out of memory");
            current = WorkerProcess.start(folder, environment);
        }
    }

    @Override
    public void close() {
        current.close();
    }
}
