package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A worker process that is restarted when it ends, as a platform does. A process that runs out of memory replaces its
 * worker. If the error occurred in a thread that cannot be replaced, the process ends.
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

    /** Returns the running process, or else the one that ended last. */
    WorkerProcess current() {
        return current;
    }

    /**
     * Waits until a condition holds for the current process. Connections may fail and the process may be replaced
     * meanwhile.
     */
    void await(String what, Condition condition) throws Exception {
        Await.until(what, () -> {
            restartIfEnded();
            try {
                return condition.holds(current);
            } catch (IOException e) {
                return false; // the process is out of memory, or is being replaced
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
