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

/**
 * A server on 127.0.0.1 that speaks a vendor's API. It notes what it is asked, and answers as planned before it answers as the vendor would: each plan
 * is for one request, in the order in which they were made. Thread-safe.
 */
public abstract class Emulator implements AutoCloseable {

    /** What happens to a request instead of its answer. */
    private interface Plan {
        void strike(HttpExchange exchange, Asked asked) throws IOException;
    }

    private final Queue<Plan> plans = new ConcurrentLinkedQueue<>();
    private final Queue<Asked> seen = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private volatile boolean notes = true;

    Emulator() throws IOException {
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
    }

    /** To be called when the emulator is made. */
    final void start() {
        server.start();
    }

    /** The address for the driver's option of that name. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** As the vendor would. */
    abstract Answer answer(Asked asked) throws IOException;

    /** An error in the vendor's form. */
    abstract Answer error(int status, String code);

    /** What the vendor calls this sort of request. */
    abstract String kind(Asked asked);

    // ---- what it was asked

    /** Notes no more what it is asked. */
    public void forgetRequests() {
        notes = false;
    }

    /** What was asked since the last call. */
    public List<Asked> seen() {
        List<Asked> all = List.copyOf(seen);
        seen.removeAll(all);
        return all;
    }

    /** Kinds of what was asked since the last call: methods, and names of an emulator's own in capitals. */
    public List<String> kinds() {
        return seen().stream().map(this::kind).toList();
    }

    // ---- plans

    /** What happens without a plan. */
    public Emulator passing() {
        return planned((exchange, asked) -> send(exchange, answer(asked)));
    }

    /** An error of the vendor's. */
    public Emulator answering(int status) {
        return answering(status, "planned");
    }

    /** An error of the vendor's, with its code or reason. */
    public Emulator answering(int status, String code) {
        return planned((exchange, asked) -> send(exchange, error(status, code)));
    }

    /** Something happens between the request and an error of the vendor's. */
    public Emulator answeringAfter(Runnable event, int status) {
        return planned((exchange, asked) -> {
            event.run();
            send(exchange, error(status, "planned"));
        });
    }

    /** An error of the vendor's, with these headers besides. */
    public Emulator answering(int status, Map<String, String> headers) {
        return planned((exchange, asked) -> {
            headers.forEach(exchange.getResponseHeaders()::set);
            send(exchange, error(status, "planned"));
        });
    }

    /** Anything at all. */
    public Emulator answering(int status, Map<String, String> headers, String body) {
        return planned((exchange, asked) ->
                send(exchange, new Answer(status, headers, body.getBytes(StandardCharsets.UTF_8))));
    }

    /** A connection closed without an answer, and the request not carried out. */
    public Emulator closing() {
        return planned((exchange, asked) -> {});
    }

    /** The request is carried out, and the connection closed instead of the answer. */
    public Emulator losingTheAnswer() {
        return planned((exchange, asked) -> answer(asked));
    }

    /** The request is carried out, and half of the answer's body sent. */
    public Emulator cutting() {
        return planned((exchange, asked) -> {
            Answer answer = answer(asked);
            sendHead(exchange, answer);
            exchange.getResponseBody().write(answer.body(), 0, answer.body().length / 2);
            exchange.getResponseBody().flush();
        });
    }

    /** Something happens between the request and the answer. */
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
            if (plan == null) {
                send(exchange, answer(asked));
            } else {
                plan.strike(exchange, asked);
            }
        } finally {
            // What has no whole answer loses its connection.
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

    /** What the client meant, where it has ways of its own to send it. */
    Asked understood(Asked sent) throws IOException {
        return sent;
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        sendHead(exchange, answer);
        if (answer.body().length > 0) {
            exchange.getResponseBody().write(answer.body());
        }
    }

    private static void sendHead(HttpExchange exchange, Answer answer) throws IOException {
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        // To this server 0 means that the length is not known.
        exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
