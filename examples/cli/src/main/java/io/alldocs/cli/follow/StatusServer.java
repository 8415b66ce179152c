package io.alldocs.cli.follow;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.alldocs.cache.metrics.MetricsPage;
import io.alldocs.cli.UsageException;
import io.alldocs.http.JdkTransport;
import io.alldocs.sync.SyncStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Serves the status of a follower: {@code GET /metrics} for Prometheus, {@code GET /health} as JSON. It uses the JDK's
 * HTTP server, which is sufficient for two short responses every few seconds.
 */
final class StatusServer implements AutoCloseable {
    /** The loopback address, which only this machine can reach. */
    static final String LOOPBACK = "127.0.0.1";

    private static final int THREADS = 2;

    private final String host;
    private final HttpServer server;
    private final ExecutorService threads;
    private final Supplier<SyncStatus> status;
    private final Clock clock;
    private final IntSupplier stuckThreads;

    private StatusServer(
            String host, HttpServer server, Supplier<SyncStatus> status, Clock clock, IntSupplier stuckThreads) {
        this.host = host;
        this.server = server;
        this.status = status;
        this.clock = clock;
        this.stuckThreads = stuckThreads;
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        this.threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "status");
            thread.setContextClassLoader(loader); // since JDK 19, the dispatcher does not set the class loader
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts a server.
     *
     * @param host address to listen on
     * @param port port to listen on; 0 selects a free port
     * @throws UsageException if the address is not one of this machine, or the port is in use
     */
    static StatusServer start(String host, int port, Supplier<SyncStatus> status, Clock clock) {
        return start(host, port, status, clock, JdkTransport::stuckThreads);
    }

    static StatusServer start(
            String host, int port, Supplier<SyncStatus> status, Clock clock, IntSupplier stuckThreads) {
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true"); // without it, each response takes 40 ms
        }
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), port), 0);
            StatusServer started = new StatusServer(host, server, status, clock, stuckThreads);
            server.createContext("/", started::answer);
            server.setExecutor(started.threads);
            server.start();
            return started;
        } catch (IOException e) {
            throw new UsageException(
                    "Cannot listen on " + host + ", port " + port + ": " + e.getMessage()
                            + ". Choose a free port with --metrics-port P, or an address of this machine with"
                            + " --metrics-host H.",
                    e);
        }
    }

    URI address() {
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean reads = exchange.getRequestMethod().equals("GET")
                    || exchange.getRequestMethod().equals("HEAD");
            if (!reads) {
                exchange.getResponseHeaders().set("allow", "GET, HEAD");
                send(exchange, 405, "application/json", "{\"error\":\"Only GET and HEAD are supported.\"}");
                return;
            }
            SyncStatus now = status.get();
            switch (exchange.getRequestURI().getPath()) {
                case "/metrics" -> metrics(exchange, now);
                case "/health" -> health(exchange, now);
                default ->
                    send(
                            exchange,
                            404,
                            "application/json",
                            "{\"error\":\"Not found. The paths are /health and /metrics.\"}");
            }
        }
    }

    private void metrics(HttpExchange exchange, SyncStatus now) throws IOException {
        String accept = exchange.getRequestHeaders().getFirst("accept");
        Optional<MetricsPage> page = MetricsPage.of(() -> FollowMetrics.of(now, clock.instant()), accept);
        if (page.isPresent()) {
            send(exchange, 200, page.get().contentType(), page.get().body());
        } else {
            send(exchange, 404, "application/json", "{\"error\":\"" + MetricsPage.MISSING + "\"}\n");
        }
    }

    /**
     * Handles {@code GET /health}. The process is unhealthy if its HTTP client refuses to send, since only a restart
     * ends the threads that hang.
     */
    private void health(HttpExchange exchange, SyncStatus now) throws IOException {
        int stuck = stuckThreads.getAsInt();
        if (stuck < JdkTransport.MAX_STUCK_THREADS) {
            send(exchange, 200, "application/json", now.toJson() + "\n");
        } else {
            String error = stuck + " threads of the JDK's HTTP client hang. Restart this process.";
            send(exchange, 503, "application/json", "{\"error\":\"" + error + "\"}\n");
        }
    }

    private static void send(HttpExchange exchange, int code, String type, String text) throws IOException {
        send(exchange, code, type, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("content-type", type);
        exchange.getResponseHeaders().set("cache-control", "no-store");
        boolean headOnly = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(code, headOnly ? -1 : body.length);
        if (!headOnly) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
