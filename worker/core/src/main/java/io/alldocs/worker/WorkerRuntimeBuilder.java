package io.alldocs.worker;

import io.alldocs.Env;
import io.alldocs.http.HttpListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link WorkerRuntime} with a platform's defaults for variables that the environment does not set. Not
 * thread-safe.
 */
public final class WorkerRuntimeBuilder {
    Env env = Env.NONE;
    String host = "127.0.0.1";
    int port = 8080;
    long graceMillis = 10_000;
    WorkHandler handler = new QueueingHandler();
    WorkListener listener = WorkListener.NONE;
    HttpListener httpListener = HttpListener.NONE;
    final List<Processor> processors = new ArrayList<>();

    @Nullable
    Executor executor;

    WorkerRuntimeBuilder() {}

    /**
     * Sets the environment. {@link Env#system()} is that of the process. Default: {@link Env#NONE}; nothing is read.
     */
    public WorkerRuntimeBuilder env(Env env) {
        this.env = Objects.requireNonNull(env, "env");
        return this;
    }

    /** Sets the host to listen on if {@code HOST} is not set. Default: {@code 127.0.0.1}. */
    public WorkerRuntimeBuilder host(String host) {
        this.host = host;
        return this;
    }

    /** Sets the port to listen on if {@code PORT} is not set. Default: 8080. */
    public WorkerRuntimeBuilder port(int port) {
        this.port = port;
        return this;
    }

    /**
     * Sets the grace period for items in progress when the worker stops, if {@code WORKER_GRACE_MS} is not set.
     * Default: 10 s.
     */
    public WorkerRuntimeBuilder grace(Duration grace) {
        this.graceMillis = grace.toMillis();
        return this;
    }

    /** Sets the handler of {@code POST /work}. Default: adds the items to the queue. */
    public WorkerRuntimeBuilder handler(WorkHandler handler) {
        this.handler = handler;
        return this;
    }

    /** Sets the executor of the worker, which is not closed; see {@link WorkerBuilder#executor}. */
    public WorkerRuntimeBuilder executor(Executor executor) {
        this.executor = Objects.requireNonNull(executor, "executor");
        return this;
    }

    /** Sets the listener of the worker's items. Default: {@link WorkListener#NONE}. */
    public WorkerRuntimeBuilder listener(WorkListener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /** Sets the listener of the worker's HTTP clients. Default: {@link HttpListener#NONE}. */
    public WorkerRuntimeBuilder httpListener(HttpListener listener) {
        this.httpListener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /** Adds a processor for its type. Default: the built-in and discovered processors. */
    public WorkerRuntimeBuilder processor(Processor processor) {
        processors.add(processor);
        return this;
    }

    /**
     * Creates the runtime, without starting it.
     *
     * @throws IllegalArgumentException if a variable is invalid; the message names it
     * @throws java.io.UncheckedIOException if the server cannot listen on its address
     */
    public WorkerRuntime build() {
        return new WorkerRuntime(this);
    }
}
