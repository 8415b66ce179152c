package io.alldocs.packument;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A server on 127.0.0.1 that sends the responses of a test and records the requests. */
final class StubServer implements AutoCloseable {

    /** A request, with its path as received. */
    record Asked(String path, Headers headers) {
        String header(String name) {
            return headers.getFirst(name);
        }
    }

    /** A response. */
    record Answer(int status, Map<String, String> headers, byte[] body) {
        static Answer json(int status, String json) {
            return new Answer(
                    status, Map.of("content-type", "application/json"), json.getBytes(StandardCharsets.UTF_8));
        }

        static Answer packument(String name, String version) {
            return json(200, document(name, version));
        }

        Answer with(String header, String value) {
            Map<String, String> more = new HashMap<>(headers);
            more.put(header, value);
            return new Answer(status, more, body);
        }
    }

    static String document(String name, String version) {
        return "{\"_id\":\"" + name + "\",\"_rev\":\"3-abc\",\"name\":\"" + name + "\",\"dist-tags\":{\"latest\":\""
                + version + "\"},\"versions\":{\"" + version + "\":{\"name\":\"" + name + "\"}}}";
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    StubServer(Function<Asked, Answer> answers) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            Asked request = new Asked(exchange.getRequestURI().getRawPath(), exchange.getRequestHeaders());
            asked.add(request);
            Answer answer = answers.apply(request);
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            boolean empty = answer.status() == 304 || answer.body().length == 0;
            exchange.sendResponseHeaders(answer.status(), empty ? -1 : answer.body().length);
            if (!empty) {
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(answer.body());
                }
            }
            exchange.close();
        });
        server.start();
    }

    URI origin() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    List<Asked> asked() {
        return asked;
    }

    List<String> paths() {
        return asked.stream().map(Asked::path).toList();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
