package io.alldocs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A registry for which a test chooses the addresses of tarballs. It serves a tarball only for its exact path and query.
 * It serves a packument for any encoding of the name.
 */
final class PackageServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Map<String, String> packuments = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile String token = "";

    PackageServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().toString();
            asked.add(exchange.getRequestMethod() + " " + path);
            String authorization = exchange.getRequestHeaders().getFirst("authorization");
            if (!token.isEmpty() && !("Bearer " + token).equals(authorization)) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            byte[] file = files.get(path);
            if (file != null) {
                send(exchange, "application/octet-stream", file);
                return;
            }
            String packument = packuments.get(URLDecoder.decode(path.substring(1), StandardCharsets.UTF_8));
            if (packument != null) {
                send(exchange, "application/json", packument.getBytes(StandardCharsets.UTF_8));
            } else {
                boolean escaped = path.toLowerCase(Locale.ROOT).contains("%2f");
                exchange.sendResponseHeaders(escaped ? 400 : 404, -1);
            }
        }
    }

    private static void send(HttpExchange exchange, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("content-type", type);
        exchange.getResponseHeaders().set("cache-control", "max-age=300");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    /** Publishes version 1.0.0 of {@code name}. The server {@code files} serves the tarball at {@code tarball}. */
    PackageServer publish(String name, String tarball, PackageServer files) throws IOException {
        String manifest = JSON.createObjectNode()
                .put("name", name)
                .put("version", "1.0.0")
                .toString();
        byte[] bytes = PackageOrigin.tarball(manifest.getBytes(StandardCharsets.UTF_8));
        int slash = tarball.indexOf('/', tarball.indexOf("://") + 3);
        files.files.put(tarball.substring(slash), bytes);
        ObjectNode document = JSON.createObjectNode().put("name", name);
        document.putObject("dist-tags").put("latest", "1.0.0");
        document.putObject("versions")
                .putObject("1.0.0")
                .put("name", name)
                .put("version", "1.0.0")
                .putObject("dist")
                .put("tarball", tarball)
                .put(
                        "integrity",
                        "sha512-" + Base64.getEncoder().encodeToString(PackageOrigin.digest("SHA-512", bytes)));
        document.putObject("time").put("modified", "2024-01-01T00:00:00.000Z").put("1.0.0", "2024-01-01T00:00:00.000Z");
        packuments.put(name, document.toString());
        return this;
    }

    /** Responds to {@code path} with JSON, for any method. */
    void put(String path, String json) {
        files.put(path, json.getBytes(StandardCharsets.UTF_8));
    }

    /** Responds with 401 to requests without this token. An empty token means that none is required. */
    void requireToken(String bearer) {
        token = bearer;
    }

    String authority() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    List<String> asked() {
        return asked;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
