package io.alldocs.worker;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.http.HttpListener;
import io.alldocs.spi.ServiceProviders;
import io.alldocs.worker.internal.lease.FailureDecision;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A worker of one process together with everything it needs, configured by the environment: store, checkpoints, queue,
 * clients and HTTP server. {@link #start} first starts responding to health checks, then opens what needs a remote
 * server. A worker that ran out of memory is replaced by a new one with new connections. The error may have ended any
 * of the old threads.
 *
 * <table>
 * <caption>Variables, in addition to those of store, queue and clients</caption>
 * <tr><th>name</th><th>default</th><th>meaning</th></tr>
 * <tr><td>{@code RUNTIME}</td><td>{@code jvm}</td><td>the runtime to use; {@code node} means {@code jvm}</td></tr>
 * <tr><td>{@code CHECKPOINT_DRIVER}</td><td>the store's</td><td>where progress and a durable local queue are
 * stored</td></tr>
 * <tr><td>{@code WORKER_CONCURRENCY}</td><td>10</td><td>how many items are processed at the same time</td></tr>
 * <tr><td>{@code WORKER_GRACE_MS}</td><td>10,000</td><td>grace period for items in progress when the worker
 * stops</td></tr>
 * <tr><td>{@code WORKER_TOKEN}</td><td>none</td><td>the token that {@code POST} requests must send; a secret</td></tr>
 * <tr><td>{@code HOST}, {@code PORT}</td><td>{@code 127.0.0.1}, 8080</td><td>the address the HTTP server listens on;
 * port 0 means any free port</td></tr>
 * </table>
 *
 * <p>A program that starts a runtime itself calls {@link WorkerMain#prepareJvm} first, or sets the system properties
 * that it describes.
 */
public final class WorkerRuntime implements AutoCloseable {
    private static final Logger LOG = System.getLogger(WorkerRuntime.class.getName());

    static final ServiceProviders.Kind<RuntimeProvider> KIND = new ServiceProviders.Kind<>(
            RuntimeProvider.class,
            "worker runtime",
            "RUNTIME",
            RuntimeProvider::name,
            RuntimeProvider::runtimes,
            RuntimeProvider::spiVersion,
            RuntimeProvider.SPI_VERSION,
            Map.of(
                    "cloudflare",
                    "all-docs-worker-cloudflare",
                    "fastly",
                    "all-docs-worker-fastly",
                    "cloudrun",
                    "all-docs-worker-cloudrun"));

    /** Time for requests in progress to finish. */
    private static final Duration FOR_ANSWERS = Duration.ofSeconds(1);

    private final Env env;
    private final int concurrency;
    private final Duration grace;
    private final List<Processor> processors;
    private final @Nullable Executor executor;
    private final WorkListener listener;
    private final HttpListener httpListener;
    private final WorkerServer server;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Thread watch = new Thread(this::watch, "all-docs-worker-watch");
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Worker worker;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Throwable serverFailure;

    private volatile boolean closed;

    WorkerRuntime(WorkerRuntimeBuilder builder) {
        this.env = builder.env;
        this.concurrency = (int) env.getLong("WORKER_CONCURRENCY", WorkerBuilder.DEFAULT_CONCURRENCY, 1, 10_000);
        this.grace = Duration.ofMillis(env.getLong("WORKER_GRACE_MS", builder.graceMillis, 0, 3_600_000));
        this.processors = List.copyOf(builder.processors);
        this.executor = builder.executor;
        this.listener = builder.listener;
        this.httpListener = builder.httpListener;
        this.server = WorkerServer.builder()
                .host(env.get("HOST").orElse(builder.host))
                .port((int) env.getLong("PORT", builder.port, 0, 65_535))
                .token(env.find("WORKER_TOKEN"))
                .handler(builder.handler)
                .onDeath(this::serverDied)
                .build();
    }

    /** Ends {@link #run}. Creates no object, because the server's threads usually end when memory is exhausted. */
    void serverDied(Throwable error) {
        serverFailure = error;
        ended.countDown();
    }

    /**
     * Creates the runtime that {@code RUNTIME} names, without starting it.
     *
     * @throws IllegalStateException if no runtime or more than one matches, or one has another SPI version. The message
     *     lists what was found and names the artifact to add
     * @throws IllegalArgumentException if a variable is missing or invalid; the message names it
     * @throws java.io.UncheckedIOException if the server cannot listen on its address
     */
    public static WorkerRuntime create(Env env) {
        return ServiceProviders.find(KIND, ServiceLoader.load(RuntimeProvider.class))
                .ofRuntime(env)
                .create(env);
    }

    /** Returns a builder for {@link RuntimeProvider}s; its settings apply where the environment sets nothing. */
    public static WorkerRuntimeBuilder builder() {
        return new WorkerRuntimeBuilder();
    }

    /**
     * Starts responding to health checks, opens store and queue, and starts the worker.
     *
     * @return this
     * @throws RuntimeException if the store, the queue or one of their variables is unusable; everything is closed
     *     again
     */
    public WorkerRuntime start() {
        lock.lock();
        try {
            server.start();
            boolean started = false;
            try {
                server.attach(open());
                watch.setDaemon(true);
                watch.start();
                started = true;
                return this;
            } finally {
                if (!started) {
                    close();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private Worker open() {
        Cache cache = keep(Cache.builder().env(env).build());
        Cache checkpoints = Cache.forCheckpoints(env).map(this::keep).orElse(cache);
        WorkQueue queue = keep(WorkQueues.create(env, checkpoints::driver));
        WorkerBuilder builder = Worker.builder()
                .env(env)
                .cache(cache)
                .checkpoints(checkpoints)
                .queue(queue)
                .concurrency(concurrency)
                .grace(grace)
                .listener(listener)
                .httpListener(httpListener);
        processors.forEach(builder::processor);
        if (executor != null) {
            builder.executor(executor);
        }
        Worker made = builder.build();
        worker = made;
        return made.start();
    }

    private void watch() {
        try {
            do {
                worker().join();
            } while (replacedAfterOutOfMemory());
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "The thread that monitors the worker was interrupted and ends.");
        } catch (RuntimeException | Error e) {
            failure = e; // the new worker could not be created
        } finally {
            ended.countDown();
        }
    }

    private boolean replacedAfterOutOfMemory() {
        lock.lock();
        try {
            failure = worker().failure().orElse(null);
            if (closed || failure == null || !FailureDecision.isOutOfMemory(failure)) {
                return false;
            }
            LOG.log(Level.WARNING, "The worker ran out of memory. A new worker starts in this process.");
            server.detach();
            closeOpened();
            server.attach(open());
            failure = null;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private <T extends AutoCloseable> T keep(T resource) {
        opened.push(resource);
        return resource;
    }

    /**
     * Returns the worker.
     *
     * @throws IllegalStateException before {@link #start}
     */
    public Worker worker() {
        return Optional.ofNullable(worker)
                .orElseThrow(() -> new IllegalStateException("The runtime has not been started."));
    }

    /** Returns the HTTP server. */
    public WorkerServer server() {
        return server;
    }

    /**
     * Starts the runtime and blocks until it must stop; then stops within the grace period. It stops after a signal
     * (SIGTERM, Ctrl-C), a failure of the worker, or an interrupt of the calling thread. It also stops if an error ends
     * the threads of the HTTP server, which could not respond any more.
     *
     * @return what stopped the runtime, unless it was stopped on request
     */
    public Optional<Throwable> run() {
        Thread hook = new Thread(this::close, "all-docs-worker-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        start();
        boolean interrupted = false;
        try {
            ended.await();
        } catch (InterruptedException e) {
            interrupted = true; // running items still have the full grace period
        }
        close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return Optional.ofNullable(serverFailure)
                .or(() -> Optional.ofNullable(failure))
                .or(() -> worker().failure());
    }

    /** Stops within the grace period: finishes or returns running items, then closes what was opened. Idempotent. */
    @Override
    public void close() {
        closed = true;
        stopWorker(); // before taking the lock, which is held while the worker is being replaced
        closeAll();
    }

    private void stopWorker() {
        Worker running = worker;
        if (running != null) {
            running.stop(grace);
        }
    }

    private void closeAll() {
        lock.lock();
        try {
            stopWorker();
            server.close(FOR_ANSWERS);
            closeOpened();
        } finally {
            lock.unlock();
        }
    }

    private void closeOpened() {
        for (AutoCloseable each = opened.poll(); each != null; each = opened.poll()) {
            try {
                each.close();
            } catch (Exception e) {
                LOG.log(Level.DEBUG, "Cannot close the resources of the worker", e);
            }
        }
    }
}
