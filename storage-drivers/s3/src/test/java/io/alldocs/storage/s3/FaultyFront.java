package io.alldocs.storage.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server before the S3 server that notes what it is asked, and answers as planned before it passes anything on. */
final class FaultyFront implements AutoCloseable {
    private static final Set<String> OF_THE_CONNECTION =
            Set.of("connection", "content-length", "transfer-encoding", "expect", "upgrade", "http2-settings");

    static {
        // Signatures cover the host's name. Read when the first client is made.
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    }

    /** What happens to a request instead of its answer. */
    private interface Fault {
        void strike(FaultyFront front, HttpExchange exchange) throws IOException, InterruptedException;
    }

    /** @param headers with names in lower case */
    record Seen(String method, String path, String query, Map<String, List<String>> headers) {}

    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final Queue<Seen> seen = new ConcurrentLinkedQueue<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final URI target;
    private final HttpServer server;

    FaultyFront(URI target) throws IOException {
        this.target = target;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What was asked since the last call. */
    List<Seen> seen() {
        List<Seen> all = List.copyOf(seen);
        seen.clear();
        return all;
    }

    List<String> methods() {
        return seen().stream().map(Seen::method).toList();
    }

    /** What happens without a plan. */
    FaultyFront passing() {
        faults.add(FaultyFront::pass);
        return this;
    }

    /** An error of S3. */
    FaultyFront answering(int status, String code) {
        faults.add((front, exchange) -> front.answer(exchange, status, code));
        return this;
    }

    /** A connection closed without an answer. */
    FaultyFront closing() {
        faults.add((front, exchange) -> exchange.getRequestBody().readAllBytes());
        return this;
    }

    /** The request is passed on, and the connection closed instead of the answer. */
    FaultyFront losingTheAnswer() {
        faults.add((front, exchange) -> front.forward(exchange));
        return this;
    }

    /** Half of the body. */
    FaultyFront cutting() {
        faults.add((front, exchange) -> {
            HttpResponse<InputStream> answer = front.forward(exchange);
            byte[] body = answer.body().readAllBytes();
            head(exchange, answer, body.length);
            exchange.getResponseBody().write(body, 0, body.length / 2);
            exchange.getResponseBody().flush();
        });
        return this;
    }

    private void handle(HttpExchange exchange) throws IOException {
        Map<String, List<String>> headers = new TreeMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
        URI uri = exchange.getRequestURI();
        seen.add(new Seen(exchange.getRequestMethod(), uri.getRawPath(), String.valueOf(uri.getRawQuery()), headers));
        try {
            Fault fault = faults.poll();
            if (fault == null) {
                pass(exchange);
            } else {
                fault.strike(this, exchange);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // What has no whole answer loses its connection.
            exchange.close();
        }
    }

    private void pass(HttpExchange exchange) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = forward(exchange);
        long length = answer.headers().firstValueAsLong("content-length").orElse(0);
        boolean bodiless = exchange.getRequestMethod().equals("HEAD")
                || answer.statusCode() == 204
                || answer.headers().firstValue("content-length").equals(Optional.of("0"));
        try (InputStream in = answer.body()) {
            // To this server 0 means that the length is not known.
            head(exchange, answer, bodiless ? -1 : length);
            if (!bodiless) {
                try (OutputStream out = exchange.getResponseBody()) {
                    in.transferTo(out);
                }
            }
        }
    }

    private HttpResponse<InputStream> forward(HttpExchange exchange) throws IOException, InterruptedException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(target + exchange.getRequestURI().toString()))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    private static void head(HttpExchange exchange, HttpResponse<?> answer, long length) throws IOException {
        answer.headers().map().forEach((name, values) -> {
            if (!OF_THE_CONNECTION.contains(name) || exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        exchange.sendResponseHeaders(answer.statusCode(), length);
    }

    private void answer(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] xml = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code
                        + "</Code><Message>planned</Message>" + "<RequestId>R1</RequestId></Error>")
                .getBytes(StandardCharsets.UTF_8);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        exchange.sendResponseHeaders(status, head ? -1 : xml.length);
        if (!head) {
            exchange.getResponseBody().write(xml);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
