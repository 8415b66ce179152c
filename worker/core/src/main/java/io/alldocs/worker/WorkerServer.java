package io.alldocs.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.alldocs.worker.internal.server.RequestReader;
import io.alldocs.worker.internal.server.ServerThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server of a worker.
 *
 * <table>
 * <caption>Endpoints</caption>
 * <tr><td>{@code GET /}</td><td>a live page for people</td></tr>
 * <tr><td>{@code GET /health}</td><td>200 while the process responds; 503 if too many threads of its HTTP client are
 * stuck</td></tr>
 * <tr><td>{@code GET /ready}</td><td>200 if the worker is running and can reach its queue and store, otherwise
 * 503</td></tr>
 * <tr><td>{@code POST /work}</td><td>adds a {@link WorkItem} in JSON, or an array of them, and responds 202. With
 * {@code ?wait}, processes it immediately and responds 200. Responds 422 for a type that has no processor</td></tr>
 * <tr><td>{@code GET /progress}</td><td>counts, rates, queue sizes, partition sets and errors, as JSON</td></tr>
 * <tr><td>{@code GET /queue/dead}</td><td>the oldest dead letters with their reasons, as JSON; {@code ?limit} sets how
 * many, 100 by default and 1,000 at most</td></tr>
 * <tr><td>{@code POST /queue/retry}</td><td>with {@code {"ids": ["…"]}} or {@code {"all": true}}, returns dead letters
 * to the queue as new items: {@code {"retried": n}}</td></tr>
 * <tr><td>{@code POST /queue/discard}</td><td>with the same body, deletes dead letters:
 * {@code {"discarded": n}}</td></tr>
 * <tr><td>{@code GET /metrics}</td><td>the data of {@code /progress} for Prometheus; 404 unless
 * {@code io.alldocs:all-docs-prometheus} is on the class path</td></tr>
 * </table>
 *
 * <p>The server responds as soon as it is started; endpoints that need the worker respond 503 until {@link #attach}.
 * Only {@code POST} requests change anything, and only they require the token. Errors are JSON, {@code {"error": "…"}},
 * and never contain a stack trace. The JDK's server is sufficient for the low request rate, needs no library on the
 * class path, and starts in a few milliseconds.
 *
 * <p>The JDK reads the limits of its servers from system properties, once for the process. The library sets none:
 * {@link WorkerMain} does, and {@link WorkerMain#prepareJvm} does it for other programs. Without these properties, a
 * response may take 40 ms longer, and a request may take any time to arrive. A client that sends a body over the limit
 * may see a reset connection instead of the 413.
 */
public final class WorkerServer implements AutoCloseable {
    /** Default maximum body size of {@code POST /work}. */
    public static final int DEFAULT_MAX_BODY_BYTES = 1 << 20;

    private static final Logger LOG = System.getLogger(WorkerServer.class.getName());
    private static final int MAX_THREADS = 16;
    private static final int MAX_WAITING = 64;
    private static final int BACKLOG = 64;
    private final ServerThreads threads;
    private final HttpServer server;
    private final ExecutorService executor;
    private final ReentrantLock lock = new ReentrantLock();
    private final WorkerEndpoints endpoints;

    /** Counts the requests in progress, and the server itself. */
    private final Phaser underWay = new Phaser(1);

    private WorkerServer(Builder builder) throws IOException {
        this.endpoints = new WorkerEndpoints(new RequestReader(builder.token, builder.maxBodyBytes), builder.handler);
        this.threads = new ServerThreads(builder.onDeath);
        this.server = inGroup(() -> HttpServer.create(new InetSocketAddress(builder.host, builder.port), BACKLOG));
        this.executor = newExecutor();
        server.setExecutor(executor);
        server.createContext("/", this::handle);
    }

    /**
     * Creates an executor whose threads end when idle. If no thread is free and the queue is full, a further request is
     * dropped with its connection. The threads belong to the group of the thread that creates the server, so a thread
     * that ends is replaced. They also have the class loader of that thread, because the JDK's dispatcher does not pass
     * it on since JDK 19.
     */
    private static ExecutorService newExecutor() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                MAX_THREADS, MAX_THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), task -> {
                    Thread thread = new Thread(group, task, "all-docs-server-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    thread.setContextClassLoader(loader);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /** Returns a builder; every setting has a default. */
    public static Builder builder() {
        return new Builder();
    }

    /** Starts responding to requests. */
    public WorkerServer start() {
        try {
            inGroup(() -> {
                server.start();
                return server;
            });
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start the HTTP server: " + e.getMessage(), e);
        }
        return this;
    }

    private <T> T inGroup(Callable<T> call) throws IOException {
        try {
            return threads.call(call);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("The thread that starts the HTTP server failed: " + e, e);
        }
    }

    /** Serves requests for {@code running} from now on. */
    public void attach(Worker running) {
        endpoints.attach(running);
    }

    /** Responds that the worker is starting, from now on. */
    void detach() {
        endpoints.detach();
    }

    /** Returns the port the server listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** Returns the address the server listens on. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private void handle(HttpExchange exchange) throws IOException {
        underWay.register();
        try (exchange) {
            endpoints.handle(exchange);
        } finally {
            underWay.arriveAndDeregister();
        }
    }

    /** Stops the server. Requests in progress have one second to finish. Idempotent. */
    @Override
    public void close() {
        close(Duration.ofSeconds(1));
    }

    /** Stops the server like {@link #close()}, with another limit for requests in progress. */
    public void close(Duration patience) {
        lock.lock();
        try {
            if (executor.isShutdown()) {
                return;
            }
            try {
                underWay.awaitAdvanceInterruptibly(underWay.arrive(), patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                LOG.log(Level.DEBUG, "Requests that are still in progress after {0} are aborted.", patience);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            server.stop(0); // with a delay, the server waits the whole delay even without requests
            executor.shutdownNow();
        } finally {
            lock.unlock();
        }
    }

    /** Builds a server. Not thread-safe. */
    public static final class Builder {
        private String host = "127.0.0.1";
        private int port;
        private @Nullable String token;
        private int maxBodyBytes = DEFAULT_MAX_BODY_BYTES;
        private WorkHandler handler = new QueueingHandler();
        private Consumer<Throwable> onDeath = error -> {};

        private Builder() {}

        /**
         * Sets the callback for an error that ends a thread of the server. After such an error the server does not
         * respond any more.
         */
        Builder onDeath(Consumer<Throwable> call) {
            this.onDeath = call;
            return this;
        }

        /**
         * Sets the host name or IP address to listen on. Default: {@code 127.0.0.1}, reachable only from this machine.
         */
        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /** Sets the port. Default: 0, any free port. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /** Sets the bearer token that {@code POST} requests must send. Default: no token is required. */
        public Builder token(@Nullable String token) {
            this.token = token;
            return this;
        }

        /**
         * Sets the maximum body size in bytes. Default: {@value #DEFAULT_MAX_BODY_BYTES}.
         *
         * @throws IllegalArgumentException if less than 1
         */
        public Builder maxBodyBytes(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException(
                        "The limit of a request body must be at least 1 byte, but is " + bytes + ".");
            }
            this.maxBodyBytes = bytes;
            return this;
        }

        /** Sets the handler of {@code POST /work}. Default: adds the items to the queue. */
        public Builder handler(WorkHandler handler) {
            this.handler = handler;
            return this;
        }

        /**
         * Creates a server that is bound to its port but does not respond yet.
         *
         * @throws UncheckedIOException if it cannot listen on the address; the message names host and port
         */
        public WorkerServer build() {
            try {
                return new WorkerServer(this);
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "Cannot listen on " + host + ", port " + port + ": " + e.getMessage()
                                + ". Set HOST to an address of this machine, and PORT to a free port or 0",
                        e);
            }
        }
    }
}
