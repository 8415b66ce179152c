package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.alldocs.cache.StorageException;
import io.alldocs.cache.metrics.MetricsPage;
import io.alldocs.http.JdkTransport;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.WorkQueue;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
 * <tr><td>{@code POST /work}</td><td>adds a {@link WorkItem} in JSON, or an array of them, and responds 202; with
 * {@code ?wait} processes it immediately and responds 200; 422 for a type that has no processor</td></tr>
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
 */
public final class WorkerServer implements AutoCloseable {
    /** Default maximum body size of {@code POST /work}. */
    public static final int DEFAULT_MAX_BODY_BYTES = 1 << 20;

    private static final Logger LOG = System.getLogger(WorkerServer.class.getName());
    private static final int MAX_THREADS = 16;
    private static final int MAX_WAITING = 64;
    private static final int BACKLOG = 64;
    private static final String JSON = "application/json";

    /** Written as a literal: a platform waits for this response, and Jackson takes longer to start than the server. */
    private static final byte[] HEALTHY = "{\"status\":\"ok\"}".getBytes(StandardCharsets.UTF_8);

    static {
        // Read once, when the JDK's server is first used. Without the first property, a response waits 40 ms for the
        // client's acknowledgement.
        Map.of(
                        "sun.net.httpserver.nodelay", "true",
                        "sun.net.httpserver.maxReqTime", "10",
                        // An item processed before the response may take as long as Cloud Run allows a request to take:
                        // https://cloud.google.com/run/docs/configuring/request-timeout
                        "sun.net.httpserver.maxRspTime", "3600",
                        // How much of a rejected body is read: a client that is still sending would not read the
                        // response.
                        "sun.net.httpserver.drainAmount", String.valueOf(4 << 20),
                        "jdk.httpserver.maxConnections", "256")
                .forEach((name, value) -> {
                    if (System.getProperty(name) == null) {
                        System.setProperty(name, value);
                    }
                });
    }

    private final ServerThreads threads;
    private final HttpServer server;
    private final ExecutorService executor;
    private final ReentrantLock lock = new ReentrantLock();
    private final byte @Nullable [] token;
    private final int maxBodyBytes;
    private final WorkHandler handler;
    private final Map<String, Route> routes;

    /** Counts the requests in progress, and the server itself. */
    private final Phaser underWay = new Phaser(1);

    private volatile @Nullable Worker worker;
    private volatile @Nullable ProgressReport report;

    private WorkerServer(Builder builder) throws IOException {
        this.token = builder.token == null ? null : builder.token.getBytes(StandardCharsets.UTF_8);
        this.maxBodyBytes = builder.maxBodyBytes;
        this.handler = builder.handler;
        this.routes = Map.of(
                "/", Route.get(this::page),
                "/health", Route.get(this::health),
                "/ready", Route.get(this::ready),
                "/progress", Route.get(exchange -> send(exchange, 200, Map.of(), report().toJson())),
                "/metrics", Route.get(this::metrics),
                "/work", Route.post(this::work),
                "/queue/dead", Route.get(this::deadLetters),
                "/queue/retry", Route.post(exchange -> change(exchange, DeadLetterRoutes::retry)),
                "/queue/discard", Route.post(exchange -> change(exchange, DeadLetterRoutes::discard)));
        this.threads = new ServerThreads(builder.onDeath);
        this.server = inGroup(() -> HttpServer.create(new InetSocketAddress(builder.host, builder.port), BACKLOG));
        this.executor = newExecutor();
        server.setExecutor(executor);
        server.createContext("/", this::handle);
    }

    /**
     * Creates an executor whose threads end when idle. A request that finds neither a thread nor a place in the queue
     * is dropped with its connection. The threads belong to the group of the thread that creates the server, so one
     * that ends is replaced, and have its class loader, which the JDK's dispatcher does not pass on since JDK 19.
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
        report = new ProgressReport(running::status, running::lostLeases, running.context());
        worker = running;
    }

    /** Responds that the worker is starting, from now on. */
    void detach() {
        worker = null;
    }

    /** Returns the port the server listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** Returns the address the server listens on. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private record Route(List<String> methods, Action action) {
        static Route get(Action action) {
            return new Route(List.of("GET", "HEAD"), action);
        }

        static Route post(Action action) {
            return new Route(List.of("POST"), action);
        }
    }

    private interface Action {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private void handle(HttpExchange exchange) throws IOException {
        underWay.register();
        try (exchange) {
            try {
                route(exchange);
            } catch (Refusal e) {
                send(exchange, e.status, e.headers, error(e.message));
            } catch (QueueException | StorageException e) {
                send(exchange, 503, Map.of("retry-after", "5"), error(FailureDecision.reason(e)));
            } catch (InterruptedException e) {
                // Sent before restoring the interrupt flag: an interrupted thread cannot write.
                send(exchange, 503, Map.of("retry-after", "5"), error("The server is stopping."));
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "A request failed: {0}", e.toString());
                LOG.log(Level.DEBUG, "A request failed", e);
                send(exchange, 500, Map.of(), error("Internal error. See the log of the worker."));
            }
        } finally {
            underWay.arriveAndDeregister();
        }
    }

    private void route(HttpExchange exchange) throws IOException, InterruptedException {
        Route route = routes.get(exchange.getRequestURI().getPath());
        if (route == null) {
            throw new Refusal(404, "Not found. The paths are " + List.copyOf(routes.keySet()) + ".");
        }
        if (!route.methods().contains(exchange.getRequestMethod())) {
            String allowed = String.join(", ", route.methods());
            throw new Refusal(405, Map.of("allow", allowed), "Method not allowed. Use " + allowed + ".");
        }
        route.action().answer(exchange);
    }

    // ---- endpoints

    private void page(HttpExchange exchange) throws IOException {
        Map<String, String> headers = Map.of(
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self';"
                        + " img-src data:",
                "referrer-policy",
                "no-referrer");
        send(exchange, 200, headers, "text/html; charset=utf-8", Page.html());
    }

    /**
     * Responds 503 when the HTTP client refuses to send requests: only a restart of the process ends the stuck threads.
     */
    private void health(HttpExchange exchange) throws IOException {
        int stuck = JdkTransport.stuckThreads();
        if (stuck >= JdkTransport.MAX_STUCK_THREADS) {
            throw new Refusal(503, stuck + " threads of the JDK's HTTP client hang. Restart this process.");
        }
        send(exchange, 200, Map.of(), JSON, HEALTHY);
    }

    private void ready(HttpExchange exchange) throws IOException {
        Worker running = running();
        String state = running.status().state().name().toLowerCase(Locale.ROOT);
        if (!state.equals("running")) {
            throw new Refusal(503, "The worker is " + state + ".");
        }
        running.queue().sizes();
        running.context().cache().has("v1:ready");
        send(exchange, 200, Map.of(), object("status", "ready"));
    }

    private void metrics(HttpExchange exchange) throws IOException {
        ProgressReport now = report();
        String accept = exchange.getRequestHeaders().getFirst("accept");
        MetricsPage page =
                MetricsPage.of(now::metrics, accept).orElseThrow(() -> new Refusal(404, MetricsPage.MISSING));
        send(exchange, 200, Map.of(), page.contentType(), page.body());
    }

    private void work(HttpExchange exchange) throws IOException, InterruptedException {
        byte[] body = permittedBody(exchange);
        WorkHandler.Request request = new WorkHandler.Request(
                headers(exchange), query(exchange.getRequestURI().getRawQuery()), body);
        WorkHandler.Answer answer = ofWorker(running -> handler.handle(request, running));
        send(exchange, answer.status(), answer.headers(), answer.body().as(JsonNode.class));
    }

    private void deadLetters(HttpExchange exchange) throws IOException, InterruptedException {
        Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
        send(exchange, 200, Map.of(), ofWorker(running -> DeadLetterRoutes.list(running.queue(), query)));
    }

    private interface QueueChange {
        JsonNode make(WorkQueue queue, JsonNode body);
    }

    private void change(HttpExchange exchange, QueueChange change) throws IOException, InterruptedException {
        byte[] body = permittedBody(exchange);
        send(exchange, 200, Map.of(), ofWorker(running -> change.make(running.queue(), Json.parse(body))));
    }

    private byte[] permittedBody(HttpExchange exchange) throws IOException {
        requireToken(exchange);
        requireSameSite(exchange);
        return body(exchange);
    }

    private interface Asking<T> {
        T of(Worker running) throws InterruptedException;
    }

    private <T> T ofWorker(Asking<T> asking) throws InterruptedException {
        Worker running = running();
        try {
            return asking.of(running);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, FailureDecision.reason(e));
        } catch (IllegalStateException e) {
            if (running.status().state() == WorkerStatus.State.RUNNING) {
                throw e;
            }
            throw new Refusal(503, Map.of("retry-after", "1"), "The worker is stopping. Retry the request.");
        }
    }

    private Worker running() {
        return Optional.ofNullable(worker)
                .orElseThrow(() -> new Refusal(503, Map.of("retry-after", "1"), "The worker is starting."));
    }

    private ProgressReport report() {
        running();
        return Objects.requireNonNull(report);
    }

    // ---- requests

    private void requireToken(HttpExchange exchange) {
        if (token == null) {
            return;
        }
        String given = Optional.ofNullable(exchange.getRequestHeaders().getFirst("authorization"))
                .orElse("");
        boolean bearer = given.regionMatches(true, 0, "Bearer ", 0, 7);
        byte[] offered = (bearer ? given.substring(7).strip() : "").getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(token, offered)) {
            throw new Refusal(
                    401,
                    Map.of("www-authenticate", "Bearer realm=\"all-docs\""),
                    bearer ? "The token is wrong." : "A token is required, in the header authorization: Bearer …");
        }
    }

    /** Rejects cross-site requests, such as from a web page open in a browser on this machine. */
    private static void requireSameSite(HttpExchange exchange) {
        String site = exchange.getRequestHeaders().getFirst("sec-fetch-site");
        String origin = exchange.getRequestHeaders().getFirst("origin");
        String host = exchange.getRequestHeaders().getFirst("host");
        boolean elsewhere =
                origin != null && !origin.replaceFirst("^https?://", "").equals(host);
        if (elsewhere || "cross-site".equals(site)) {
            throw new Refusal(403, "Requests from web pages of other sites are refused.");
        }
    }

    private byte[] body(HttpExchange exchange) throws IOException {
        String declared = exchange.getRequestHeaders().getFirst("content-length");
        boolean tooLong = declared != null && declared.length() > 18;
        if (!tooLong && (declared == null || Long.parseLong(declared) <= maxBodyBytes)) {
            InputStream in = exchange.getRequestBody();
            byte[] body = in.readNBytes(maxBodyBytes + 1);
            if (body.length <= maxBodyBytes) {
                return body;
            }
        }
        throw new Refusal(
                413,
                Map.of("connection", "close"),
                "The request body is larger than the limit of " + maxBodyBytes + " bytes.");
    }

    private static Map<String, String> headers(HttpExchange exchange) {
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!values.isEmpty()) {
                headers.putIfAbsent(name.toLowerCase(Locale.ROOT), values.get(0));
            }
        });
        return headers;
    }

    /** Decodes query parameters; the JDK's server has already rejected what cannot be decoded. */
    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            query.put(
                    URLDecoder.decode(equals < 0 ? pair : pair.substring(0, equals), StandardCharsets.UTF_8),
                    equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return query;
    }

    // ---- responses

    /** Signals an error response. */
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int status;
        private final transient Map<String, String> headers;
        private final String message;

        Refusal(int status, String message) {
            this(status, Map.of(), message);
        }

        Refusal(int status, Map<String, String> headers, String message) {
            super(message, null, false, false);
            this.status = status;
            this.headers = headers;
            this.message = message;
        }
    }

    private static JsonNode object(String name, String value) {
        return JsonNodeFactory.instance.objectNode().put(name, value);
    }

    private static JsonNode error(String reason) {
        return object("error", reason);
    }

    private static void send(HttpExchange exchange, int status, Map<String, String> headers, JsonNode body)
            throws IOException {
        send(exchange, status, headers, JSON, Json.bytes(body));
    }

    private static void send(HttpExchange exchange, int status, Map<String, String> headers, String type, byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("content-type", type);
        exchange.getResponseHeaders().set("cache-control", "no-store");
        exchange.getResponseHeaders().set("x-content-type-options", "nosniff");
        headers.forEach(exchange.getResponseHeaders()::set);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
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

        /** Sets what is called when a thread of the server ends by an error, after which the server never answers. */
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
