package io.alldocs.storage.emulators;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A server on 127.0.0.1 that implements a vendor's API. It records the requests it receives. Tests can plan responses:
 * each plan applies to one request, in the order in which the plans were made. Without a plan, the server responds as
 * the vendor does. Thread-safe.
 */
public abstract class Emulator implements AutoCloseable {

    /** Handles one request in place of the normal response. */
    private interface Plan {
        void strike(HttpExchange exchange, Asked asked) throws IOException;
    }

    private final Queue<Plan> plans = new ConcurrentLinkedQueue<>();
    private final Queue<Asked> seen = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private volatile boolean notes = true;

    /** The response to each request, unless another one is planned; null for the normal response. */
    private volatile @Nullable Answer standing;

    Emulator() throws IOException {
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
    }

    /** Starts the server. Call this at the end of the constructor. */
    final void start() {
        server.start();
    }

    /** Returns the address for the driver's {@code endpoint} option. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Responds as the vendor does. */
    abstract Answer answer(Asked asked) throws IOException;

    /** Returns an error in the vendor's format. */
    abstract Answer error(int status, String code);

    /** Returns the vendor's name for this kind of request. */
    abstract String kind(Asked asked);

    // ---- recorded requests

    /** Stops recording requests. */
    public void forgetRequests() {
        notes = false;
    }

    /** Returns the requests since the last call. */
    public List<Asked> seen() {
        List<Asked> all = List.copyOf(seen);
        seen.removeAll(all);
        return all;
    }

    /**
     * Returns the kinds of the requests since the last call: HTTP methods, and names defined by an emulator in
     * capitals.
     */
    public List<String> kinds() {
        return seen().stream().map(this::kind).toList();
    }

    // ---- plans

    /** Handles the next request normally. */
    public Emulator passing() {
        return planned((exchange, asked) -> send(exchange, answer(asked)));
    }

    /** Answers the next request with an error of the vendor. */
    public Emulator answering(int status) {
        return answering(status, "planned");
    }

    /** Answers each request from now on with an error of the vendor, unless another response is planned. */
    public void refuseAll(int status) {
        standing = error(status, "planned");
    }

    /**
     * Answers each request from now on with status 200 and this page, unless another response is planned. A proxy in
     * front of the vendor's server may respond in this way.
     *
     * @param type content type of the page, empty for none
     */
    public void interceptAll(String type, String page) {
        standing = new Answer(
                200, type.isEmpty() ? Map.of() : Map.of("content-type", type), page.getBytes(StandardCharsets.UTF_8));
    }

    /** Forgets all plans: requests are handled normally from now on. */
    public void recover() {
        standing = null;
        plans.clear();
    }

    /** Answers the next request with an error of the vendor that has this code or reason. */
    public Emulator answering(int status, String code) {
        return planned((exchange, asked) -> send(exchange, error(status, code)));
    }

    /** Runs {@code event} after the next request arrives, then answers with an error of the vendor. */
    public Emulator answeringAfter(Runnable event, int status) {
        return planned((exchange, asked) -> {
            event.run();
            send(exchange, error(status, "planned"));
        });
    }

    /** Answers the next request with an error of the vendor that has these additional headers. */
    public Emulator answering(int status, Map<String, String> headers) {
        return planned((exchange, asked) -> {
            headers.forEach(exchange.getResponseHeaders()::set);
            send(exchange, error(status, "planned"));
        });
    }

    /** Answers the next request with an arbitrary response. */
    public Emulator answering(int status, Map<String, String> headers, String body) {
        return planned((exchange, asked) ->
                send(exchange, new Answer(status, headers, body.getBytes(StandardCharsets.UTF_8))));
    }

    /** Closes the connection of the next request without a response; the request has no effect. */
    public Emulator closing() {
        return planned((exchange, asked) -> {});
    }

    /** Executes the next request, then closes the connection without a response. */
    public Emulator losingTheAnswer() {
        return planned((exchange, asked) -> answer(asked));
    }

    /** Executes the next request and sends half of the response body. */
    public Emulator cutting() {
        return planned((exchange, asked) -> {
            Answer answer = answer(asked);
            sendHead(exchange, answer);
            exchange.getResponseBody().write(answer.body(), 0, answer.body().length / 2);
            exchange.getResponseBody().flush();
        });
    }

    /** Runs {@code event} after the next request arrives, then handles the request normally. */
    public Emulator passingAfter(Runnable event) {
        return planned((exchange, asked) -> {
            event.run();
            send(exchange, answer(asked));
        });
    }

    private Emulator planned(Plan plan) {
        plans.add(plan);
        return this;
    }

    // ---- HTTP

    private void handle(HttpExchange exchange) throws IOException {
        try {
            Asked asked = asked(exchange);
            if (notes) {
                seen.add(asked);
            }
            Plan plan = plans.poll();
            Answer page = standing;
            if (plan == null) {
                send(exchange, page == null ? answer(asked) : page);
            } else {
                plan.strike(exchange, asked);
            }
        } finally {
            // Close the connection if the response is incomplete.
            exchange.close();
        }
    }

    private Asked asked(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
        return understood(new Asked(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                headers,
                exchange.getRequestBody().readAllBytes()));
    }

    /** Normalizes a request that the vendor's client encodes in its own way. */
    Asked understood(Asked sent) throws IOException {
        return sent;
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD") && answer.body().length > 0) {
            exchange.getResponseHeaders().set("content-length", Integer.toString(answer.body().length));
            sendHead(exchange, new Answer(answer.status(), answer.headers(), new byte[0]));
            return;
        }
        sendHead(exchange, answer);
        if (answer.body().length > 0) {
            exchange.getResponseBody().write(answer.body());
        }
    }

    private static void sendHead(HttpExchange exchange, Answer answer) throws IOException {
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        // For this server, 0 means an unknown length.
        exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
