package io.alldocs.cli.network;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A registry on 127.0.0.1 with a few packages and the database of their names. It records every request. */
final class LoggingRegistry implements AutoCloseable {
    /** One request; {@code headers} as text. */
    record Asked(String path, String headers) {}

    final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final Set<String> listed = ConcurrentHashMap.newKeySet();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<String> names;
    private final String path;
    private final String authorization;

    /**
     * @param tls null for plain http
     * @param path path of the registry, with a trailing slash
     * @param authorization value that every request must have; empty to require none
     */
    LoggingRegistry(@Nullable SSLContext tls, String path, String authorization, String... names) throws IOException {
        this.names = Set.of(names);
        this.path = path;
        this.authorization = authorization;
        this.listed.addAll(this.names);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        if (tls == null) {
            server = HttpServer.create(any, 0);
        } else {
            HttpsServer https = HttpsServer.create(any, 0);
            https.setHttpsConfigurator(new HttpsConfigurator(tls));
            server = https;
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    static LoggingRegistry of(String... names) throws IOException {
        return new LoggingRegistry(null, "/", "", names);
    }

    /** Adds names to the database for which this registry has no package. */
    LoggingRegistry listing(String... more) {
        listed.addAll(List.of(more));
        return this;
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Returns {@code host:port}. */
    String authority() {
        return "127.0.0.1:" + port();
    }

    /** Returns whether a request contained {@code text} in its address or a header. */
    boolean saw(String text) {
        return asked.stream().anyMatch(each -> (each.path() + each.headers()).contains(text));
    }

    private void answer(HttpExchange exchange) throws IOException {
        String asking = exchange.getRequestURI().toString();
        asked.add(new Asked(asking, exchange.getRequestHeaders().entrySet().toString()));
        String given = exchange.getRequestHeaders().getFirst("authorization");
        if (!authorization.isEmpty() && !authorization.equals(given)) {
            send(exchange, 401, "{\"error\":\"unauthorized\"}");
            return;
        }
        String raw = exchange.getRequestURI().getRawPath();
        String below = raw.startsWith(path) ? raw.substring(path.length()) : "";
        String name = below.replace("%2f", "/").replace("%2F", "/").replace("%40", "@");
        if (name.isEmpty()) {
            send(exchange, 200, "{\"db_name\":\"registry\",\"doc_count\":" + listed.size() + ",\"update_seq\":7}");
        } else if (name.equals("_all_docs")) {
            send(exchange, 200, allDocs(exchange.getRequestURI().getQuery()));
        } else if (name.equals("_changes")) {
            send(exchange, 200, changes());
        } else if (names.contains(name)) {
            send(exchange, 200, packument(name));
        } else {
            send(exchange, 404, "{\"error\":\"not_found\"}");
        }
    }

    private String allDocs(@Nullable String query) {
        Set<String> sorted = new TreeSet<>(listed);
        StringBuilder rows = new StringBuilder();
        int offset = 0;
        String start = parameter(query, "startkey");
        String end = parameter(query, "endkey");
        int limit = parameter(query, "limit").isEmpty() ? 10_000 : Integer.parseInt(parameter(query, "limit"));
        for (String name : sorted) {
            if (!start.isEmpty() && name.compareTo(start) < 0) {
                offset++;
            } else if ((end.isEmpty() || name.compareTo(end) <= 0) && limit-- > 0) {
                rows.append(rows.length() == 0 ? "" : ",\n")
                        .append("{\"id\":\"" + name + "\",\"key\":\"" + name + "\",\"value\":{\"rev\":\"1-a\"}}");
            }
        }
        return "{\"total_rows\":" + sorted.size() + ",\"offset\":" + offset + ",\"rows\":[\n" + rows + "\n]}";
    }

    private static String parameter(@Nullable String query, String name) {
        for (String each : query == null ? new String[0] : query.split("&", -1)) {
            if (each.startsWith(name + "=")) {
                return each.substring(name.length() + 1).replace("\"", "");
            }
        }
        return "";
    }

    private String changes() {
        return "{\"results\":[],\"last_seq\":7}";
    }

    private static String packument(String name) {
        return "{\"_id\":\"" + name + "\",\"_rev\":\"1-a\",\"name\":\"" + name
                + "\",\"dist-tags\":{\"latest\":\"1.0.0\"},\"versions\":{\"1.0.0\":{\"name\":\"" + name
                + "\",\"version\":\"1.0.0\",\"dist\":{\"tarball\":\"http://127.0.0.1:1/x.tgz\"}}}}";
    }

    private static void send(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        for (Map.Entry<String, String> header :
                Map.of("content-type", "application/json").entrySet()) {
            exchange.getResponseHeaders().set(header.getKey(), header.getValue());
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
