package io.alldocs.worker.cloudrun;

import io.alldocs.Env;
import io.alldocs.worker.WorkerMain;

/**
 * Main class of the container: runs {@link WorkerMain} with the runtime {@code cloudrun}, or the one that
 * {@code RUNTIME} names.
 */
public final class CloudRun {
    private CloudRun() {}

    /** Runs until SIGTERM. With the argument {@code --rehearse}, performs a start without a cloud, then exits. */
    public static void main(String[] args) {
        WorkerMain.prepareJvm();
        if (args.length == 1 && args[0].equals("--rehearse")) {
            Rehearsal.run();
            return;
        }
        System.exit(WorkerMain.run(Env.system().withDefault("RUNTIME", "cloudrun")));
    }
}
