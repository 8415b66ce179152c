package io.alldocs.storage.cloudflare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.alldocs.cache.KeyOrder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server of the parts of Cloudflare's API that the driver uses, after <a href="https://developers.cloudflare.com/api/resources/kv/">its reference</a> and KV's <a
 * href="https://developers.cloudflare.com/kv/platform/limits/">limits</a>. Notes what it is asked, and answers as planned before it answers as Cloudflare would.
 */
final class FakeKv implements AutoCloseable {
    static final String ACCOUNT = "023e105f4ecef8ad9ca31a8372d0c353";
    static final String NAMESPACE = "0f2ac74b498b48028cb68387c421e279";
    static final String TOKEN = "Planted-Token_9876543210zyxwvutsrq";

    private static final int MAX_NAME_BYTES = 512;
    private static final int MAX_METADATA_BYTES = 1024;
    private static final int MAX_VALUE_BYTES = 25 << 20;
    private static final int MAX_REQUEST_BYTES = 100_000_000;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PATH =
            Pattern.compile("/client/v4/accounts/([^/]+)/storage/kv/namespaces/([^/]+)/([a-z/]+?)(?:/([^/]+))?");
    private static final Pattern PART = Pattern.compile(
            "Content-Disposition: form-data; name=\"(\\w+)\"[^\\r]*\\r\\n(?:[^\\r]+\\r\\n)*\\r\\n(.*?)\\r\\n--",
            Pattern.DOTALL);

    /** What happens to a request instead of its answer. */
    private interface Fault {
        void strike(FakeKv fake, HttpExchange exchange, Asked asked) throws IOException;
    }

    /** @param headers with names in lower case */
    record Asked(String method, URI uri, Map<String, String> headers, byte[] body) {

        /** GET, PUT, DELETE of a value; METADATA; LIST; BULK-PUT, BULK-GET, BULK-DELETE. */
        String kind() {
            String path = uri.getRawPath();
            if (path.contains("/values/")) {
                return method;
            }
            if (path.contains("/metadata/")) {
                return "METADATA";
            }
            return path.endsWith("/keys")
                    ? "LIST"
                    : path.endsWith("/bulk") ? "BULK-PUT" : path.endsWith("/get") ? "BULK-GET" : "BULK-DELETE";
        }
    }

    /** @param metadata as JSON, null for none */
    record Item(byte[] value, @Nullable String metadata) {}

    private record Answer(int status, String type, byte[] body) {}

    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        final int status;
        final int code;

        Refused(int status, int code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    private final Map<String, Item> items = new ConcurrentSkipListMap<>(KeyOrder.UTF8);
    private final Map<String, Integer> undone = new ConcurrentHashMap<>();
    private final Set<String> poison = ConcurrentHashMap.newKeySet();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final Queue<Asked> seen = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private volatile boolean notes = true;

    FakeKv() throws IOException {
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/client/v4");
    }

    /** By name. */
    Map<String, Item> items() {
        return items;
    }

    // ---- plans

    /** Notes no more what it is asked. */
    void forgetRequests() {
        notes = false;
    }

    /** What was asked since the last call. */
    List<Asked> seen() {
        List<Asked> all = List.copyOf(seen);
        seen.removeAll(all);
        return all;
    }

    /** Kinds of what was asked since the last call. */
    List<String> kinds() {
        return seen().stream().map(Asked::kind).toList();
    }

    /** An error. */
    FakeKv answering(int status) {
        return answering(status, Map.of(), "{\"success\":false,\"errors\":[{\"code\":1,\"message\":\"planned\"}]}");
    }

    FakeKv answering(int status, Map<String, String> headers, String body) {
        faults.add((fake, exchange, asked) -> {
            headers.forEach(exchange.getResponseHeaders()::set);
            send(exchange, new Answer(status, "application/json", Values.utf8(body)));
        });
        return this;
    }

    /** A connection closed without an answer. */
    FakeKv closing() {
        faults.add((fake, exchange, asked) -> {});
        return this;
    }

    /** Half of the body. */
    FakeKv cutting() {
        faults.add((fake, exchange, asked) -> {
            Answer answer = fake.answer(asked);
            exchange.sendResponseHeaders(answer.status(), answer.body().length);
            exchange.getResponseBody().write(answer.body(), 0, answer.body().length / 2);
            exchange.getResponseBody().flush();
        });
        return this;
    }

    /** Something happens between the request and the answer. */
    FakeKv passingAfter(Runnable event) {
        faults.add((fake, exchange, asked) -> {
            event.run();
            send(exchange, fake.answer(asked));
        });
        return this;
    }

    /** So many bulk requests do all but this name. */
    void leaveUndone(String name, int times) {
        undone.put(name, times);
    }

    /** Bulk requests that hold this name are called bad. */
    void poison(String name) {
        poison.add(name);
    }

    // ---- HTTP

    private void handle(HttpExchange exchange) throws IOException {
        try {
            Asked asked = asked(exchange);
            if (notes) {
                seen.add(asked);
            }
            Fault fault = faults.poll();
            if (fault == null) {
                send(exchange, answer(asked));
            } else {
                fault.strike(this, exchange, asked);
            }
        } finally {
            // What has no whole answer loses its connection.
            exchange.close();
        }
    }

    private static Asked asked(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
        return new Asked(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                headers,
                exchange.getRequestBody().readAllBytes());
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        exchange.getResponseHeaders().set("content-type", answer.type());
        exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
        exchange.getResponseBody().write(answer.body());
    }

    // ---- the API

    private Answer answer(Asked asked) throws IOException {
        try {
            if (!("Bearer " + TOKEN).equals(asked.headers().get("authorization"))) {
                throw new Refused(401, 10000, "Authentication error");
            }
            Matcher path = PATH.matcher(asked.uri().getRawPath());
            if (!path.matches() || !path.group(1).equals(ACCOUNT)) {
                throw new Refused(404, 7003, "Could not route to " + asked.uri().getPath());
            }
            if (!path.group(2).equals(NAMESPACE)) {
                throw new Refused(404, 10013, "namespace not found");
            }
            if (asked.body().length > MAX_REQUEST_BYTES) {
                throw new Refused(413, 100413, "request too large");
            }
            return switch (asked.kind()) {
                case "GET" -> {
                    Item item = item(path.group(4));
                    yield new Answer(200, "application/octet-stream", item.value());
                }
                case "METADATA" -> {
                    String metadata = item(path.group(4)).metadata();
                    yield result(metadata == null ? NullNode.getInstance() : JSON.readTree(metadata), null);
                }
                case "PUT" -> put(decoded(path.group(4)), asked);
                case "DELETE" -> {
                    items.remove(decoded(path.group(4)));
                    yield result(JSON.createObjectNode(), null);
                }
                case "LIST" -> list(query(asked.uri().getRawQuery()));
                case "BULK-PUT" -> bulkPut(JSON.readTree(asked.body()));
                case "BULK-GET" -> bulkGet(JSON.readTree(asked.body()));
                default -> bulkDelete(JSON.readTree(asked.body()));
            };
        } catch (Refused e) {
            ObjectNode answer = JSON.createObjectNode().put("success", false);
            answer.putArray("errors").addObject().put("code", e.code).put("message", e.getMessage());
            answer.putArray("messages");
            answer.putNull("result");
            return new Answer(e.status, "application/json", JSON.writeValueAsBytes(answer));
        }
    }

    private static Answer result(JsonNode result, @Nullable JsonNode info) throws IOException {
        // The order of members is not promised: the result may come first.
        ObjectNode answer = JSON.createObjectNode();
        answer.set("result", result);
        answer.put("success", true);
        answer.putArray("errors");
        answer.putArray("messages");
        if (info != null) {
            answer.set("result_info", info);
        }
        return new Answer(200, "application/json", JSON.writeValueAsBytes(answer));
    }

    private Item item(String encoded) throws Refused {
        String name = decoded(encoded);
        requireName(name);
        Item item = items.get(name);
        if (item == null) {
            throw new Refused(404, 10009, "get: 'key not found'");
        }
        return item;
    }

    private Answer put(String name, Asked asked) throws Refused, IOException {
        String type = asked.headers().getOrDefault("content-type", "");
        if (!type.startsWith("multipart/form-data; boundary=")) {
            store(name, asked.body(), null);
            return result(JSON.createObjectNode(), null);
        }
        Map<String, String> parts = new HashMap<>();
        // Latin 1 has a character for each byte.
        Matcher part = PART.matcher(new String(asked.body(), StandardCharsets.ISO_8859_1));
        int boundary = type.length() - type.indexOf('=') - 1;
        for (int from = boundary; part.find(from); from = part.end() + boundary) {
            parts.put(part.group(1), part.group(2));
        }
        String value = parts.get("value");
        if (value == null) {
            throw new Refused(400, 10012, "no value");
        }
        store(name, value.getBytes(StandardCharsets.ISO_8859_1), parts.get("metadata"));
        return result(JSON.createObjectNode(), null);
    }

    private void store(String name, byte[] value, @Nullable String metadata) throws Refused, IOException {
        requireName(name);
        if (value.length > MAX_VALUE_BYTES) {
            throw new Refused(413, 10030, "value too large");
        }
        if (metadata != null && JSON.readTree(metadata).toString().length() > MAX_METADATA_BYTES) {
            throw new Refused(413, 10031, "metadata too large");
        }
        items.put(name, new Item(value, metadata));
    }

    private Answer bulkPut(JsonNode pairs) throws Refused, IOException {
        requireCount(pairs.size(), 10_000);
        ArrayNode left = JsonNodeFactory.instance.arrayNode();
        for (JsonNode pair : pairs) {
            if (poison.contains(pair.path("key").asText())) {
                throw new Refused(400, 10012, "parse: invalid value");
            }
        }
        for (JsonNode pair : pairs) {
            String name = pair.path("key").asText();
            if (isLeft(name)) {
                left.add(name);
                continue;
            }
            String value = pair.path("value").asText();
            JsonNode metadata = pair.path("metadata");
            store(
                    name,
                    pair.path("base64").asBoolean() ? Base64.getDecoder().decode(value) : Values.utf8(value),
                    metadata.isMissingNode() ? null : metadata.toString());
        }
        return bulkResult(pairs.size(), left);
    }

    private boolean isLeft(String name) {
        return undone.computeIfPresent(name, (key, times) -> times == 0 ? null : times - 1) != null;
    }

    private static Answer bulkResult(int asked, ArrayNode left) throws IOException {
        ObjectNode result = JSON.createObjectNode().put("successful_key_count", asked - left.size());
        result.set("unsuccessful_keys", left);
        return result(result, null);
    }

    private Answer bulkDelete(JsonNode names) throws Refused, IOException {
        requireCount(names.size(), 10_000);
        ArrayNode left = JsonNodeFactory.instance.arrayNode();
        for (JsonNode name : names) {
            if (isLeft(name.asText())) {
                left.add(name);
            } else {
                items.remove(name.asText());
            }
        }
        return bulkResult(names.size(), left);
    }

    private Answer bulkGet(JsonNode asked) throws Refused, IOException {
        requireCount(asked.path("keys").size(), 100);
        ObjectNode values = JSON.createObjectNode();
        long bytes = 0;
        for (JsonNode name : asked.path("keys")) {
            requireName(name.asText());
            Item item = items.get(name.asText());
            if (item == null) {
                values.putNull(name.asText());
                continue;
            }
            bytes += item.value().length;
            ObjectNode found =
                    values.putObject(name.asText()).put("value", new String(item.value(), StandardCharsets.UTF_8));
            found.set("metadata", item.metadata() == null ? NullNode.getInstance() : JSON.readTree(item.metadata()));
        }
        if (bytes > MAX_VALUE_BYTES) {
            throw new Refused(413, 10034, "the total size of the values is too large");
        }
        ObjectNode result = JSON.createObjectNode();
        result.set("values", values);
        return result(result, null);
    }

    private Answer list(Map<String, String> query) throws IOException {
        int limit = Integer.parseInt(query.getOrDefault("limit", "1000"));
        String prefix = query.getOrDefault("prefix", "");
        String cursor = query.get("cursor");
        String last = cursor == null ? null : new String(Base64.getDecoder().decode(cursor), StandardCharsets.UTF_8);
        List<String> names = items.keySet().stream()
                .filter(name -> name.startsWith(prefix) && (last == null || KeyOrder.UTF8.compare(name, last) > 0))
                .limit(limit + 1L)
                .toList();
        ArrayNode page = JSON.createArrayNode();
        names.stream().limit(limit).forEach(name -> {
            ObjectNode key = page.addObject().put("name", name);
            key.putObject("metadata").put("name", "not the name");
        });
        String next =
                names.size() <= limit ? "" : Base64.getEncoder().encodeToString(Values.utf8(names.get(limit - 1)));
        return result(page, JSON.createObjectNode().put("count", page.size()).put("cursor", next));
    }

    private static void requireCount(int count, int max) throws Refused {
        if (count > max) {
            throw new Refused(400, 10029, "more than " + max + " keys");
        }
    }

    private static void requireName(String name) throws Refused {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || name.equals(".") || name.equals("..")) {
            throw new Refused(400, 10011, "invalid key");
        }
        if (bytes > MAX_NAME_BYTES) {
            throw new Refused(414, 10010, "key too long");
        }
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        for (String pair : raw == null || raw.isEmpty() ? new String[0] : raw.split("&")) {
            int equals = pair.indexOf('=');
            query.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
        }
        return query;
    }

    private static String decoded(String raw) {
        return URLDecoder.decode(raw, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
