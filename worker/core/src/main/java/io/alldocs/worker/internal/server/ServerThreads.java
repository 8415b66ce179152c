package io.alldocs.worker.internal.server;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/**
 * The group of the threads that the JDK's HTTP server starts for itself. Its dispatcher catches exceptions but no
 * {@link Error}. If memory is exhausted or no thread can be created, the dispatcher ends and never restarts. The port
 * then accepts connections but nothing responds to them. Only a restart of the process resolves this, so this group
 * reports the error.
 */
public final class ServerThreads extends ThreadGroup {
    private static final Logger LOG = System.getLogger(ServerThreads.class.getName());

    private final Consumer<Throwable> onDeath;

    /** Creates a group that calls {@code onDeath} in the thread that ends, possibly without any free memory. */
    public ServerThreads(Consumer<Throwable> onDeath) {
        super("all-docs-server");
        this.onDeath = onDeath;
    }

    /** Runs a call in this group, so that the threads which it starts belong to the group. */
    public <T> T call(Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        new Thread(this, task, "all-docs-server-start").start();
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public void uncaughtException(Thread thread, Throwable error) {
        onDeath.accept(error);
        LOG.log(Level.ERROR, "The thread {0} of the HTTP server ended: {1}", thread.getName(), error);
    }
}
