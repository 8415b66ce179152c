package io.alldocs.storage.fastly;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.alldocs.storage.fastly.FakeItems.Item;
import io.alldocs.storage.fastly.FakeItems.Refused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
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
 * A server of the parts of Fastly's API that the drivers use, after its reference:
 * <a href="https://www.fastly.com/documentation/reference/api/services/resources/kv-store-item">items of KV stores</a>,
 * <a href="https://www.fastly.com/documentation/reference/api/services/resources/config-store-item/">of config stores</a> and
 * <a href="https://www.fastly.com/documentation/reference/api/dictionaries/dictionary-item/">of dictionaries</a>,
 * <a href="https://www.fastly.com/documentation/reference/api/#rate-limiting">limits</a>; headers and bodies of answers as Fastly's own client for Go recorded them. Notes
 * what it is asked, and answers as planned before it answers as Fastly would.
 */
final class FakeFastly implements AutoCloseable {
    static final String STORE = "iaa48y0oxw13s12xpfdkk9";
    static final String CONFIG_STORE = "lV8kyCg7OmjQMjMpiX9dq2";
    static final String SERVICE = "EXmb9qO9J34QFgYMSz0XE1";
    static final String DICTIONARY = "xyHHO0G3S3ZREo49Us7kg5";
    static final String TOKEN = "Planted-Token_9876543210zyxwvutsrq";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern KV_STORE = Pattern.compile("/resources/stores/kv/([^/]+)(/.*)?");
    private static final Pattern ITEMS = Pattern.compile(
            "(?:/resources/stores/config/([^/]+)|/service/([^/]+)/dictionary/([^/]+))/(items|item/([^/]+))");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    /** What happens to a request instead of its answer. */
    private interface Fault {
        void strike(FakeFastly fake, HttpExchange exchange, Asked asked) throws IOException;
    }

    /** @param headers with names in lower case */
    record Asked(String method, String path, Map<String, String> query, Map<String, String> headers, byte[] body) {

        /** GET, PUT, DELETE of an item; LOOK of its first bytes; LIST; BATCH; STORE for the rest. */
        String kind() {
            if (path.endsWith("/batch")) {
                return "BATCH";
            }
            if (path.endsWith("/keys") || path.endsWith("/items")) {
                return "LIST";
            }
            if (!path.contains("/keys/") && !path.contains("/item/")) {
                return "STORE";
            }
            return headers.containsKey("range") ? "LOOK" : method;
        }
    }

    /** @param headers with names in lower case, and no length */
    record Answer(int status, Map<String, String> headers, byte[] body) {

        static Answer json(int status, JsonNode body) {
            return new Answer(
                    status,
                    Map.of("content-type", "application/json"),
                    body.toString().getBytes(StandardCharsets.UTF_8));
        }

        static Answer empty(int status) {
            return new Answer(status, Map.of(), new byte[0]);
        }
    }

    private final FakeItems items = new FakeItems();
    private final Map<String, String> config = new ConcurrentSkipListMap<>();
    private final Map<String, Integer> failingInBatches = new ConcurrentHashMap<>();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final Queue<Asked> seen = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private volatile boolean ranges = true;
    private volatile boolean notes = true;

    FakeFastly() throws IOException {
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Of the KV store. */
    FakeItems items() {
        return items;
    }

    /** Of the config store and of the dictionary. */
    Map<String, String> config() {
        return config;
    }

    // ---- plans

    /** Ranges are passed over from now on. */
    void ignoreRanges() {
        ranges = false;
    }

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

    /** What happens without a plan. */
    FakeFastly passing() {
        faults.add((fake, exchange, asked) -> send(exchange, fake.answer(asked)));
        return this;
    }

    /** An error. */
    FakeFastly answering(int status) {
        return answering(status, Map.of());
    }

    FakeFastly answering(int status, Map<String, String> headers) {
        return answering(status, headers, "{\"title\":\"planned\",\"status\":" + status + "}");
    }

    FakeFastly answering(int status, Map<String, String> headers, String body) {
        faults.add((fake, exchange, asked) ->
                send(exchange, new Answer(status, headers, body.getBytes(StandardCharsets.UTF_8))));
        return this;
    }

    /** A connection closed without an answer. */
    FakeFastly closing() {
        faults.add((fake, exchange, asked) -> {});
        return this;
    }

    /** The request is carried out, and the connection closed instead of the answer. */
    FakeFastly losingTheAnswer() {
        faults.add((fake, exchange, asked) -> fake.answer(asked));
        return this;
    }

    /** Half of the body. */
    FakeFastly cutting() {
        faults.add((fake, exchange, asked) -> {
            Answer answer = fake.answer(asked);
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(answer.status(), answer.body().length);
            exchange.getResponseBody().write(answer.body(), 0, answer.body().length / 2);
            exchange.getResponseBody().flush();
        });
        return this;
    }

    /** Something happens between the request and the answer. */
    FakeFastly passingAfter(Runnable event) {
        faults.add((fake, exchange, asked) -> {
            event.run();
            send(exchange, fake.answer(asked));
        });
        return this;
    }

    /** Something happens before an error. */
    FakeFastly answeringAfter(Runnable event, int status) {
        faults.add((fake, exchange, asked) -> {
            event.run();
            send(exchange, Answer.empty(status));
        });
        return this;
    }

    /** The next time that a batch names this item, it is not stored. */
    void failInBatch(String name, int status) {
        failingInBatches.put(name, status);
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
        URI uri = exchange.getRequestURI();
        return new Asked(
                exchange.getRequestMethod(),
                uri.getRawPath(),
                query(uri.getRawQuery()),
                headers,
                exchange.getRequestBody().readAllBytes());
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String pair : raw == null || raw.isEmpty() ? new String[0] : raw.split("&")) {
            int equals = pair.indexOf('=');
            query.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
        }
        return query;
    }

    private static String decoded(String raw) {
        return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        // To this server 0 means that the length is not known.
        exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
        if (answer.body().length > 0) {
            exchange.getResponseBody().write(answer.body());
        }
    }

    // ---- the API

    private Answer answer(Asked asked) throws IOException {
        if (!TOKEN.equals(asked.headers().get("fastly-key"))) {
            return Answer.json(401, object().put("msg", "Provided credentials are missing or invalid"));
        }
        try {
            Matcher kv = KV_STORE.matcher(asked.path());
            if (kv.matches()) {
                requireId(kv.group(1), STORE);
                return kv(asked, kv.group(2) == null ? "" : kv.group(2));
            }
            Matcher config = ITEMS.matcher(asked.path());
            if (config.matches() && asked.method().equals("GET")) {
                return config(asked, config);
            }
            throw new Refused(404, "Not Found: " + asked.method() + " " + asked.path());
        } catch (Refused e) {
            return e.getMessage() == null
                    ? Answer.empty(e.status)
                    : Answer.json(
                            e.status, object().put("title", e.getMessage()).put("status", e.status));
        }
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static void requireId(@Nullable String asked, String known) throws Refused {
        if (!known.equals(asked)) {
            throw new Refused(404, "Store not found");
        }
    }

    private Answer kv(Asked asked, String path) throws Refused, IOException {
        if (path.startsWith("/keys/")) {
            return item(asked, decoded(path.substring("/keys/".length())));
        }
        return switch (asked.method() + " " + path) {
            case "GET " -> Answer.json(200, object().put("id", STORE).put("name", "cache"));
            case "GET /keys" -> list(asked.query());
            case "PUT /batch" -> batch(asked);
            default -> throw new Refused(405, "Method Not Allowed");
        };
    }

    private Answer item(Asked asked, String name) throws Refused {
        switch (asked.method()) {
            case "GET" -> {
                return value(items.read(name), asked.headers().get("range"));
            }
            case "PUT" -> {
                items.put(
                        name,
                        asked.body(),
                        asked.headers().getOrDefault("metadata", ""),
                        asked.headers().get("if-generation-match"),
                        "true".equals(asked.query().get("add")));
                return Answer.empty(200);
            }
            case "DELETE" -> {
                items.delete(name, "true".equals(asked.query().get("force")));
                return Answer.empty(204);
            }
            default -> throw new Refused(405, "Method Not Allowed");
        }
    }

    private Answer value(Item item, @Nullable String range) {
        byte[] value = item.value();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("content-type", "application/octet-stream");
        headers.put("cache-control", "no-store");
        headers.put("generation", Long.toString(item.generation()));
        headers.put("metadata", item.metadata());
        headers.put("stored-content-length", Integer.toString(value.length));
        headers.put(
                "last-modified",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(item.modified().atZone(ZoneOffset.UTC)));
        Matcher asked = RANGE.matcher(range == null ? "" : range);
        if (!ranges || !asked.matches()) {
            return new Answer(200, headers, value);
        }
        int first = Integer.parseInt(asked.group(1));
        if (first >= value.length) {
            return new Answer(416, Map.of("content-range", "bytes */" + value.length), new byte[0]);
        }
        int end = Math.min(value.length, Integer.parseInt(asked.group(2)) + 1);
        headers.put("content-range", "bytes " + first + "-" + (end - 1) + "/" + value.length);
        return new Answer(206, headers, Arrays.copyOfRange(value, first, end));
    }

    private Answer list(Map<String, String> query) throws Refused {
        int limit = Integer.parseInt(query.getOrDefault("limit", "1000"));
        String prefix = query.getOrDefault("prefix", "");
        FakeItems.Page page = items.list(prefix, query.get("cursor"), limit);
        ObjectNode answer = object();
        ArrayNode data = answer.putArray("data");
        page.names().forEach(data::add);
        ObjectNode meta = answer.putObject("meta").put("limit", limit);
        if (!prefix.isEmpty()) {
            meta.put("prefix", prefix);
        }
        if (page.nextCursor() != null) {
            meta.put("next_cursor", page.nextCursor());
        }
        return Answer.json(200, answer);
    }

    private Answer batch(Asked asked) throws Refused, IOException {
        if (!"application/x-ndjson".equals(asked.headers().get("content-type"))) {
            throw new Refused(415, "Unsupported Media Type");
        }
        ArrayNode errors = JsonNodeFactory.instance.arrayNode();
        int index = 0;
        for (String line :
                new String(asked.body(), StandardCharsets.UTF_8).lines().toList()) {
            JsonNode item = JSON.readTree(line);
            String name = item.path("key").asText();
            try {
                Integer planned = failingInBatches.remove(name);
                if (planned != null) {
                    throw new Refused(planned, "planned");
                }
                items.put(
                        name,
                        item.path("value").binaryValue(),
                        item.path("metadata").asText(""),
                        null,
                        false);
            } catch (Refused e) {
                errors.addObject()
                        .put("key", name)
                        .put("index", index)
                        .put("code", Integer.toString(e.status))
                        .put("reason", e.getMessage());
            }
            index++;
        }
        ObjectNode answer = object().put("type", errors.isEmpty() ? "" : "error")
                .put("title", errors.isEmpty() ? "success" : "some items were not stored");
        answer.set("errors", errors);
        return Answer.json(errors.isEmpty() ? 200 : 400, answer);
    }

    private Answer config(Asked asked, Matcher path) throws Refused {
        if (path.group(1) != null) {
            requireId(path.group(1), CONFIG_STORE);
        } else {
            requireId(path.group(2), SERVICE);
            requireId(path.group(3), DICTIONARY);
        }
        if (path.group(5) != null) {
            String key = decoded(path.group(5));
            String value = config.get(key);
            if (value == null) {
                return Answer.json(404, object().put("msg", "Record not found"));
            }
            return Answer.json(200, configItem(key, value));
        }
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        int size = path.group(1) != null
                ? Integer.MAX_VALUE
                : Integer.parseInt(asked.query().getOrDefault("per_page", "20"));
        long skipped = (Integer.parseInt(asked.query().getOrDefault("page", "1")) - 1L) * size;
        config.entrySet().stream()
                .skip(skipped)
                .limit(size)
                .forEach(each -> all.add(configItem(each.getKey(), each.getValue())));
        return Answer.json(200, all);
    }

    private static ObjectNode configItem(String key, String value) {
        return object().put("item_key", key)
                .put("item_value", value)
                .put("created_at", "2023-03-02T16:24:02Z")
                .put("updated_at", "2023-03-02T16:24:03Z")
                .putNull("deleted_at");
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
