package io.alldocs.spring;

import io.alldocs.worker.Worker;
import io.alldocs.worker.WorkerStatus;
import org.springframework.context.SmartLifecycle;

/**
 * Starts a worker with the application, and stops it within its grace period. A worker starts once, so it does not
 * start again in the same application context. Safe for concurrent use.
 */
final class WorkerLifecycle implements SmartLifecycle {
    private final Worker worker;

    WorkerLifecycle(Worker worker) {
        this.worker = worker;
    }

    @Override
    public void start() {
        if (worker.status().state() == WorkerStatus.State.NEW) {
            worker.start();
            Thread watch = new Thread(this::watch, "all-docs worker");
            watch.setDaemon(false); // an application without a web server runs as long as its worker
            watch.start();
        }
    }

    private void watch() {
        try {
            worker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        worker.close();
    }

    @Override
    public boolean isRunning() {
        return worker.status().state() == WorkerStatus.State.RUNNING;
    }

    /** Returns false, because the worker cannot start again. */
    @Override
    public boolean isPauseable() {
        return false;
    }
}
