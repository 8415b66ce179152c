package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.metrics.MetricsPage;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.http.JdkTransport;
import io.alldocs.worker.internal.Json;
import io.alldocs.worker.internal.lease.FailureDecision;
import io.alldocs.worker.internal.progress.ProgressReport;
import io.alldocs.worker.internal.server.Page;
import io.alldocs.worker.internal.server.Refusal;
import io.alldocs.worker.internal.server.RequestReader;
import io.alldocs.worker.internal.server.Responses;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.WorkQueue;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a {@link WorkerServer}. Finds the endpoint for a request, and converts the endpoint's exceptions to
 * error responses. Safe for concurrent use.
 */
final class WorkerEndpoints {
    private static final Logger LOG = System.getLogger(WorkerServer.class.getName());

    /**
     * Written as a literal, because a platform waits for this response and loading Jackson takes longer than starting
     * the server.
     */
    private static final byte[] HEALTHY = "{\"status\":\"ok\"}".getBytes(StandardCharsets.UTF_8);

    private final RequestReader reader;
    private final WorkHandler handler;
    private final Map<String, Route> routes;
    private volatile @Nullable Worker worker;
    private volatile @Nullable ProgressReport report;

    WorkerEndpoints(RequestReader reader, WorkHandler handler) {
        this.reader = reader;
        this.handler = handler;
        this.routes = Map.of(
                "/", Route.get(this::page),
                "/health", Route.get(this::health),
                "/ready", Route.get(this::ready),
                "/progress", Route.get(exchange -> Responses.send(exchange, 200, Map.of(), report().toJson())),
                "/metrics", Route.get(this::metrics),
                "/work", Route.post(this::work),
                "/queue/dead", Route.get(this::deadLetters),
                "/queue/retry", Route.post(exchange -> change(exchange, DeadLetterRoutes::retry)),
                "/queue/discard", Route.post(exchange -> change(exchange, DeadLetterRoutes::discard)));
    }

    /** Serves requests for {@code running} from now on. */
    void attach(Worker running) {
        report = new ProgressReport(running::status, running::lostLeases, running::namesInProgress, running.context());
        worker = running;
    }

    /** Responds that the worker is starting, from now on. */
    void detach() {
        worker = null;
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

    void handle(HttpExchange exchange) throws IOException {
        try {
            route(exchange);
        } catch (Refusal e) {
            Responses.send(exchange, e.status, e.headers, Responses.error(e.message));
        } catch (QueueException | StorageException e) {
            Responses.send(exchange, 503, Map.of("retry-after", "5"), Responses.error(FailureDecision.reason(e)));
        } catch (InterruptedException | OperationInterruptedException e) {
            boolean unused = Thread.interrupted();
            // Sent before the interrupt flag is restored, because an interrupted thread cannot write.
            Responses.send(exchange, 503, Map.of("retry-after", "5"), Responses.error("The server is stopping."));
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "A request failed: {0}", e.toString());
            LOG.log(Level.DEBUG, "A request failed", e);
            Responses.send(exchange, 500, Map.of(), Responses.error("Internal error. See the log of the worker."));
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
        Responses.send(exchange, 200, headers, "text/html; charset=utf-8", Page.html());
    }

    /**
     * Responds 503 when the HTTP client refuses to send requests: only a restart of the process ends the stuck threads.
     */
    private void health(HttpExchange exchange) throws IOException {
        int stuck = JdkTransport.stuckThreads();
        if (stuck >= JdkTransport.MAX_STUCK_THREADS) {
            throw new Refusal(503, stuck + " threads of the JDK's HTTP client hang. Restart this process.");
        }
        Responses.send(exchange, 200, Map.of(), Responses.JSON, HEALTHY);
    }

    private void ready(HttpExchange exchange) throws IOException {
        Worker running = running();
        String state = running.status().state().name().toLowerCase(Locale.ROOT);
        if (!state.equals("running")) {
            throw new Refusal(503, "The worker is " + state + ".");
        }
        running.queue().sizes();
        running.context().cache().has("v1:ready");
        Responses.send(exchange, 200, Map.of(), Responses.object("status", "ready"));
    }

    private void metrics(HttpExchange exchange) throws IOException {
        ProgressReport now = report();
        String accept = exchange.getRequestHeaders().getFirst("accept");
        MetricsPage page =
                MetricsPage.of(now::metrics, accept).orElseThrow(() -> new Refusal(404, MetricsPage.MISSING));
        Responses.send(exchange, 200, Map.of(), page.contentType(), page.body());
    }

    private void work(HttpExchange exchange) throws IOException, InterruptedException {
        byte[] body = reader.permittedBody(exchange);
        WorkHandler.Request request = new WorkHandler.Request(
                RequestReader.headers(exchange),
                RequestReader.query(exchange.getRequestURI().getRawQuery()),
                body);
        WorkHandler.Response response = ofWorker(running -> handler.handle(request, running));
        Responses.send(
                exchange, response.status(), response.headers(), response.body().as(JsonNode.class));
    }

    private void deadLetters(HttpExchange exchange) throws IOException, InterruptedException {
        Map<String, String> query = RequestReader.query(exchange.getRequestURI().getRawQuery());
        Responses.send(exchange, 200, Map.of(), ofWorker(running -> DeadLetterRoutes.list(running.queue(), query)));
    }

    private interface QueueChange {
        JsonNode make(WorkQueue queue, JsonNode body);
    }

    private void change(HttpExchange exchange, QueueChange change) throws IOException, InterruptedException {
        byte[] body = reader.permittedBody(exchange);
        Responses.send(exchange, 200, Map.of(), ofWorker(running -> change.make(running.queue(), Json.parse(body))));
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
}
