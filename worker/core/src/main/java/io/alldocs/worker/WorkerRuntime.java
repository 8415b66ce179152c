package io.alldocs.worker;

import io.alldocs.cache.Cache;
import io.alldocs.cache.Env;
import io.alldocs.cache.spi.ServiceProviders;
import io.alldocs.worker.spi.RuntimeProvider;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A worker of one process with all that belongs to it, as the environment says: store, checkpoints, queue, clients,
 * HTTP face. {@link #start} answers health checks first, and opens what needs a server elsewhere then. A worker that
 * ran out of memory is replaced by a new one, with new connections: the error may have ended any thread of the old
 * ones.
 *
 * <table>
 *   <caption>Variables, beside those of store, queue and clients</caption>
 *   <tr><th>name</th><th>default</th><th>meaning</th></tr>
 *   <tr><td>{@code RUNTIME}</td><td>{@code jvm}</td><td>which runtime wires it; {@code node} means
 *   {@code jvm}</td></tr>
 *   <tr><td>{@code CHECKPOINT_DRIVER}</td><td>the store's</td><td>where progress is kept, and a durable local
 *   queue</td></tr>
 *   <tr><td>{@code WORKER_CONCURRENCY}</td><td>10</td><td>items at the same time</td></tr>
 *   <tr><td>{@code WORKER_GRACE_MS}</td><td>10,000</td><td>for items under way when the worker stops</td></tr>
 *   <tr><td>{@code WORKER_TOKEN}</td><td>none</td><td>what {@code POST /work} must bring; a secret</td></tr>
 *   <tr><td>{@code HOST}, {@code PORT}</td><td>{@code 127.0.0.1}, 8080</td><td>where the HTTP face listens; port 0 is
 *   any that is free</td></tr>
 * </table>
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

    /** To requests that were under way. */
    private static final Duration FOR_ANSWERS = Duration.ofSeconds(1);

    private final Env env;
    private final int concurrency;
    private final Duration grace;
    private final List<Processor> processors;
    private final WorkerServer server;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Thread watch = new Thread(this::watch, "all-docs-worker-watch");
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Worker worker;
    private volatile @Nullable Throwable failure;

    private volatile boolean closed;

    private WorkerRuntime(Builder builder) {
        this.env = builder.env;
        this.concurrency = (int) env.getLong("WORKER_CONCURRENCY", Worker.Builder.DEFAULT_CONCURRENCY, 1, 10_000);
        this.grace = Duration.ofMillis(env.getLong("WORKER_GRACE_MS", builder.graceMillis, 0, 3_600_000));
        this.processors = List.copyOf(builder.processors);
        this.server = WorkerServer.builder()
                .host(env.get("HOST").orElse(builder.host))
                .port((int) env.getLong("PORT", builder.port, 0, 65_535))
                .token(env.find("WORKER_TOKEN"))
                .handler(builder.handler)
                .build();
    }

    /**
     * The runtime that {@code RUNTIME} names, not started.
     *
     * @throws IllegalStateException when none or two match or one speaks another SPI version; says what was found and
     *     which artifact to add
     * @throws IllegalArgumentException naming the variable, when one is missing or wrong
     * @throws java.io.UncheckedIOException when it cannot listen where it should
     */
    public static WorkerRuntime create(Env env) {
        return ServiceProviders.find(KIND).ofRuntime(env).create(env);
    }

    /** For {@link RuntimeProvider}s; what is set here is what the environment leaves open. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Answers health checks, opens store and queue, and begins to work.
     *
     * @return this
     * @throws RuntimeException when the store, the queue or a variable of theirs cannot be used; everything is closed
     *     again
     */
    public synchronized WorkerRuntime start() {
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
    }

    private Worker open() {
        Cache cache = keep(Cache.builder().env(env).build());
        Cache checkpoints = Cache.forCheckpoints(env).map(this::keep).orElse(cache);
        WorkQueue queue = keep(WorkQueues.create(env, checkpoints::driver));
        Worker.Builder builder = Worker.builder()
                .env(env)
                .cache(cache)
                .checkpoints(checkpoints)
                .queue(queue)
                .concurrency(concurrency)
                .grace(grace);
        processors.forEach(builder::processor);
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
            LOG.log(Level.DEBUG, "Nobody watches the worker any longer: interrupted.");
        } catch (RuntimeException | Error e) {
            failure = e; // no new worker could be made
        } finally {
            ended.countDown();
        }
    }

    private synchronized boolean replacedAfterOutOfMemory() {
        failure = worker().failure().orElse(null);
        if (closed || failure == null || !Verdict.isOutOfMemory(failure)) {
            return false;
        }
        LOG.log(Level.WARNING, "The worker ran out of memory; a new one starts in this process.");
        server.detach();
        closeOpened();
        server.attach(open());
        failure = null;
        return true;
    }

    private <T extends AutoCloseable> T keep(T resource) {
        opened.push(resource);
        return resource;
    }

    /**
     * The worker.
     *
     * @throws IllegalStateException before {@link #start}
     */
    public Worker worker() {
        return Optional.ofNullable(worker).orElseThrow(() -> new IllegalStateException("The runtime was not started."));
    }

    /** Its HTTP face. */
    public WorkerServer server() {
        return server;
    }

    /**
     * Starts, and works until the process is told to end (SIGTERM, Ctrl-C), its worker fails, or the calling thread is
     * interrupted; then stops within the grace period.
     *
     * @return what stopped it, if nobody asked it to
     */
    public Optional<Throwable> run() {
        Thread hook = new Thread(this::close, "all-docs-worker-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        start();
        boolean interrupted = false;
        try {
            ended.await();
        } catch (InterruptedException e) {
            interrupted = true; // what runs has its grace all the same
        }
        close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return Optional.ofNullable(failure).or(() -> worker().failure());
    }

    /** Stops within the grace period: finishes or hands back what runs, then closes what was opened. Twice is fine. */
    @Override
    public void close() {
        closed = true;
        stopWorker(); // before taking the lock, which who replaces the worker holds
        closeAll();
    }

    private void stopWorker() {
        Worker running = worker;
        if (running != null) {
            running.stop(grace);
        }
    }

    private synchronized void closeAll() {
        stopWorker();
        server.close(FOR_ANSWERS);
        closeOpened();
    }

    private void closeOpened() {
        for (AutoCloseable each = opened.poll(); each != null; each = opened.poll()) {
            try {
                each.close();
            } catch (Exception e) {
                LOG.log(Level.DEBUG, "Cannot close what the worker used", e);
            }
        }
    }

    /** What a platform wants where the environment is silent. Not thread-safe. */
    public static final class Builder {
        private Env env = Env.system();
        private String host = "127.0.0.1";
        private int port = 8080;
        private long graceMillis = 10_000;
        private WorkHandler handler = new QueueingHandler();
        private final List<Processor> processors = new ArrayList<>();

        private Builder() {}

        /** Default: that of the process. */
        public Builder env(Env env) {
            this.env = Objects.requireNonNull(env, "env");
            return this;
        }

        /** Where to listen without {@code HOST}. Default: {@code 127.0.0.1}. */
        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /** Where to listen without {@code PORT}. Default: 8080. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /** For items under way when the worker stops, without {@code WORKER_GRACE_MS}. Default: 10 s. */
        public Builder grace(Duration grace) {
            this.graceMillis = grace.toMillis();
            return this;
        }

        /** Answers {@code POST /work}. Default: adds to the queue. */
        public Builder handler(WorkHandler handler) {
            this.handler = handler;
            return this;
        }

        /** Does items of its type. Default: those that are built in or found. */
        public Builder processor(Processor processor) {
            processors.add(processor);
            return this;
        }

        /**
         * A runtime, not started.
         *
         * @throws IllegalArgumentException naming the variable, when one is wrong
         * @throws java.io.UncheckedIOException when it cannot listen where it should
         */
        public WorkerRuntime build() {
            return new WorkerRuntime(this);
        }
    }
}
