package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Serves compressed packuments on 127.0.0.1, each under the name in its document. */
final class MemoryOrigin implements PackumentOrigin {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, byte[]> bodies = new LinkedHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    MemoryOrigin(List<byte[]> bodies) throws IOException {
        for (byte[] body : bodies) {
            this.bodies.put(json(body).path("name").asText(), body);
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    static JsonNode json(byte[] gzip) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return JSON.readTree(in);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = body(exchange.getRequestURI().getPath().substring(1));
        try (exchange) {
            if (body == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.getResponseHeaders().set("content-encoding", "gzip");
            exchange.getResponseHeaders().set("cache-control", "max-age=86400");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    byte @Nullable [] body(String name) {
        return bodies.get(name);
    }

    @Override
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public List<String> names() {
        return List.copyOf(bodies.keySet());
    }

    @Override
    public OptionalLong sentBytes() {
        return OptionalLong.of(
                bodies.values().stream().mapToLong(body -> body.length).sum());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
